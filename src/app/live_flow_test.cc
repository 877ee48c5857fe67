#include "app/live_flow.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "event/json_decoder.h"
#include "store/depot/store.h"

namespace purvey::app {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kStart = 1'767'225'600 * kSecond;  // 2026-01-01

class LiveFlowTest : public ::testing::Test {
 protected:
  LiveFlowTest() {
    std::string pattern = ::testing::TempDir() + "purvey-live-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  ~LiveFlowTest() override { fs::remove_all(root_); }

  std::string folder(const std::string& name) const { return root_ + "/" + name; }

  std::unique_ptr<LiveFlow> open(const std::string& name, size_t rows_per_commit = 250'000) {
    auto flow = LiveFlow::open({.data = folder(name),
                                .rows_per_commit = rows_per_commit,
                                .segment_bytes = 100'000,
                                .clock = [this] { return base::EventTime{now_}; }},
                               configuration_);
    EXPECT_TRUE(flow) << flow.error().message;
    return std::move(*flow);
  }

  static std::string event(const std::string& id, std::string_view type, int64_t seconds,
                           const std::string& data) {
    return fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/shop","type":"{}","time":"{}","data":{}}})",
        id, type, base::format_rfc3339({kStart + seconds * kSecond}), data);
  }
  static std::string placed(int n, int64_t seconds, double amount = 10) {
    return event(
        fmt::format("p{}", n), "order.placed", seconds,
        fmt::format(R"({{"order_id":"O{}","customer_id":"C","amount":{},"lines":[]}})", n, amount));
  }
  static std::string paid(int n, int64_t seconds) {
    return event(fmt::format("q{}", n), "order.paid", seconds,
                 fmt::format(R"({{"order_id":"O{}"}})", n));
  }

  /// Decodes and submits the events as one batch, and waits for the answer.
  base::Result<void> send(LiveFlow& flow, const std::vector<std::string>& events) {
    event::JsonDecoder decoder(flow.names(), event::Pseudonymizer(flow.key()),
                               flow.base_currency());
    const auto batch = std::make_shared<event::EventBatch>();
    for (std::string line : events) {
      const size_t size = line.size();
      line.append(64, ' ');
      decoder.decode(std::string_view(line).substr(0, size), *batch);
    }
    std::promise<base::Result<void>> answered;
    auto answer = answered.get_future();
    PURVEY_TRY(flow.submit({batch, [&](base::Result<void> done) { answered.set_value(done); }}));
    return answer.get();
  }

  std::string ask(const std::string& name, const std::string& sql) {
    struct Sink final : store::ResultSink {
      base::Result<void> begin(std::span<const store::ResultColumn>) override { return {}; }
      base::Result<void> add(const store::ResultChunk& chunk) override {
        for (size_t row = 0; row < chunk.rows; ++row) {
          for (const auto& column : chunk.columns) text += column[row].text + " ";
        }
        return {};
      }
      std::string text;
    };
    const auto store = store::depot::Store::open({.folder = folder(name), .read_only = true});
    EXPECT_TRUE(store) << store.error().message;
    Sink sink;
    const auto end = (*store)->query(sql, {}, sink);
    EXPECT_TRUE(end) << end.error().message;
    return sink.text;
  }

  std::string digest(const std::string& name) {
    const auto store = store::depot::Store::open({.folder = folder(name), .read_only = true});
    EXPECT_TRUE(store) << store.error().message;
    return (*store)->digest().value();
  }

  std::string root_;
  std::atomic<int64_t> now_{kStart + 86'400 * kSecond};
  Configuration configuration_ = *load_configuration(std::nullopt);
};

}  // namespace
}  // namespace purvey::app
