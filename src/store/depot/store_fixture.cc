#include "store/depot/store_fixture.h"

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/hash.h"

namespace purvey::store::depot {

base::EventTime time_of(std::string_view rfc3339) {
  return base::parse_rfc3339(rfc3339).value();
}

void add_step(RowBuffer& rows, const StepRow& row) {
  rows.integer(row.seq);
  rows.text(row.order);
  rows.text(row.step);
  rows.time(time_of(row.at));
  rows.text_or_null(row.warehouse);
  rows.text_or_null(row.carrier);
  rows.text_or_null(row.shipment);
  rows.null();  // reason
  rows.flag(false);
  row.qty ? rows.integer(*row.qty) : rows.null();
  rows.end_row(time_of(row.at));
}

StoreFixture::StoreFixture() {
  std::string pattern = ::testing::TempDir() + "purvey-store-XXXXXX";
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  root_ = pattern;
  folder_ = root_ + "/data";
}

StoreFixture::~StoreFixture() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

StoreOptions StoreFixture::options() const {
  return {.folder = folder_};
}

std::unique_ptr<Store> StoreFixture::open() const {
  auto store = Store::open(options());
  if (store) return std::move(*store);
  ADD_FAILURE() << store.error().message;
  std::abort();
}

void StoreFixture::commit(Store& store, int64_t next_seq, std::string_view watermark) const {
  const auto done = store.commit(
      {.next_seq = next_seq, .watermark = watermark.empty() ? base::kNever : time_of(watermark)});
  ASSERT_TRUE(done) << done.error().message;
}

void StoreFixture::commit_one_step() const {
  const auto store = open();
  RowBuffer steps(TableId::kOrderStep);
  add_step(steps, {.seq = 1, .order = "a", .step = "paid", .at = "2026-01-02T03:04:05Z"});
  ASSERT_TRUE(store->append(steps));
  commit(*store, 2);
}

void StoreFixture::append_many_steps(Store& store, int64_t count) const {
  RowBuffer steps(TableId::kOrderStep);
  const base::EventTime start = time_of("2026-01-01T00:00:00Z");
  for (int64_t i = 0; i < count; ++i) {
    const base::EventTime at = start + std::chrono::seconds{i};
    steps.integer(i + 1);
    steps.text(fmt::format("order-{:08}", i / 4));
    steps.text("paid");
    steps.time(at);
    steps.text("SH");
    steps.null();
    steps.null();
    steps.null();
    steps.flag(i % 2 == 0);
    steps.null();
    steps.end_row(at);
  }
  const auto done = store.append(steps);
  ASSERT_TRUE(done) << done.error().message;
}

base::Error StoreFixture::append_until_error(Store& store) {
  constexpr int64_t kRowsMax = 2'000'000;
  RowBuffer steps(TableId::kOrderStep);
  for (int64_t i = 0; i < kRowsMax; ++i) {
    const std::string order = base::hash128(std::to_string(i)).hex();
    add_step(steps, {.seq = i + 2, .order = order, .step = "paid", .at = "2026-01-01T00:00:00Z"});
    if (steps.rows() < 10'000) continue;
    const auto done = store.append(steps);
    if (!done) return done.error();
    steps.clear();
  }
  return base::invalid_input("every row was taken");
}

void StoreFixture::expect_corrupt_open(std::string_view words) const {
  const auto store = Store::open(options());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, base::ErrorCode::kCorrupt) << store.error().message;
  EXPECT_NE(store.error().message.find(words), std::string::npos) << store.error().message;
}

void StoreFixture::flip_byte(const std::string& path, long offset) {
  std::FILE* file = std::fopen(path.c_str(), "r+b");
  ASSERT_NE(file, nullptr) << path;
  std::fseek(file, offset, SEEK_SET);
  const int byte = std::fgetc(file);
  std::fseek(file, offset, SEEK_SET);
  std::fputc(byte ^ 1, file);
  std::fclose(file);
}

pid_t StoreFixture::start_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child != 0) return child;
  work();
  _exit(HasFailure() ? 1 : 0);
}

int StoreFixture::wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

int StoreFixture::run_child(const std::function<void()>& work) {
  return wait_for(start_child(work));
}

}  // namespace purvey::store::depot
