#include "store/depot/upkeep_fixture.h"

#include <fmt/core.h>

#include <filesystem>

namespace purvey::store::depot {

namespace fs = std::filesystem;

void UpkeepFixture::SetUp() {
  FactsFixture::SetUp();
  open_upkeep();
}

void UpkeepFixture::open_upkeep() {
  auto upkeep = Upkeep::open(store(),
                             {.fan = 4,
                              .retention = retention_,
                              .folder = folder(),
                              .behind = later_,
                              .tell = [this](const auto& line) { told_ += line + "\n"; }},
                             now());
  ASSERT_TRUE(upkeep) << upkeep.error().message;
  upkeep_ = std::move(*upkeep);
}

void UpkeepFixture::reopen_all() {
  upkeep_.reset();
  reopen();
  open_upkeep();
}

void UpkeepFixture::commit_minute(int64_t minute) {
  const std::string at =
      base::format_rfc3339({1'767'225'600'000'000 + minute * 60'000'000});  // 2026-01-01
  const std::string order = fmt::format("order-{}", minute % 7);
  step({.seq = next_seq_++, .order = order, .step = "paid", .at = at});
  step({.seq = next_seq_++, .order = order, .step = "shipped", .at = at, .qty = minute});
  put(TableId::kKpi, {{"seq", std::to_string(next_seq_++)},
                      {"metric", "orders"},
                      {"dimensions", "{}"},
                      {"window_start", at},
                      {"window_seconds", minute % 4 == 0 ? "3600" : "60"},
                      {"value", "0.25"},
                      {"n", std::to_string(minute)},
                      {"revision", "0"},
                      {"final", "1"}});
  put(TableId::kQuality, {{"seq", std::to_string(next_seq_++)},
                          {"source", "/shop"},
                          {"day", "2026-01-01"},
                          {"verdict", "accepted"},
                          {"reason", ""},
                          {"n", "2"}});
  put(TableId::kOrderLine, {{"seq", std::to_string(next_seq_++)},
                            {"order_id", order},
                            {"line_no", "1"},
                            {"sku", "s"},
                            {"qty", "2"},
                            {"price", "12500"},
                            {"currency", "CNY"}});
  const auto done =
      store().commit({.next_seq = next_seq_, .watermark = {minute}, .stored_at = now()});
  ASSERT_TRUE(done) << done.error().message;
}

void UpkeepFixture::tidy_up() {
  for (int i = 0; i < 1'000; ++i) {
    const auto done = upkeep_->step(now());
    ASSERT_TRUE(done) << done.error().message;
    if (!upkeep_->is_busy()) return;
    later_->wait();
  }
  FAIL() << "upkeep does not come to an end";
}

size_t UpkeepFixture::files() const {
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder() + "/archive")) {
    files += entry.path().extension() == ".parquet" ? 1 : 0;
  }
  return files;
}

std::string UpkeepFixture::all_rows() {
  return ask("SELECT * FROM order_step ORDER BY ALL") + ask("SELECT * FROM kpi ORDER BY ALL") +
         ask("SELECT * FROM quality ORDER BY ALL") + ask("SELECT * FROM order_line ORDER BY ALL");
}

}  // namespace purvey::store::depot
