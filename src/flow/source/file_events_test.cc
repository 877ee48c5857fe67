#include "flow/source/file_events.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace purvey::flow {
namespace {

class FileEventsTest : public testing::Test {
 protected:
  ~FileEventsTest() override {
    for (const auto& path : paths_) std::filesystem::remove(path);
  }

  static std::string line(const std::string& id, int second) {
    return fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/s","type":"order.paid",)"
                       R"("time":"2026-01-01T00:{:02}:{:02}Z","data":{{"order_id":"o"}}}})"
                       "\n",
                       id, second / 60, second % 60);
  }
  void given_file(const std::string& text) {
    paths_.push_back(
        fmt::format("{}file_events_{}_{}", testing::TempDir(), getpid(), paths_.size()));
    std::ofstream(paths_.back()) << text;
  }

  /// Ids in the order of counting; `!` for what was rejected.
  std::string order() {
    std::vector<std::unique_ptr<event::LineReader>> files;
    for (const auto& path : paths_) {
      files.push_back(std::make_unique<event::LineReader>(*base::open_byte_source(path)));
    }
    base::Dictionary names;
    event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                               std::nullopt);
    FileEvents events(std::move(files), decoder, *base::parse_rfc3339("2026-01-01T00:30:00Z"));
    std::string out;
    for (;;) {
      const auto slice = *events.next();
      if (slice.begin == slice.end) return out;
      for (size_t i = slice.begin; i < slice.end; ++i) {
        const auto& row = slice.batch->rows[i];
        out += row.refused ? "!" : std::string(slice.batch->text(row.id));
      }
    }
  }

  std::vector<std::string> paths_;
};

TEST_F(FileEventsTest, files_are_merged_by_time_and_ties_go_by_file) {
  given_file(line("a", 1) + line("b", 5) + line("c", 9));
  given_file(line("x", 1) + line("y", 3) + line("z", 9));
  EXPECT_EQ(order(), "axybcz");
}

TEST_F(FileEventsTest, within_a_file_lines_stay_in_order) {
  given_file(line("a", 5) + line("b", 1) + line("c", 7));
  given_file(line("x", 6));
  EXPECT_EQ(order(), "abxc");
}

TEST_F(FileEventsTest, a_rejected_line_holds_nothing_up) {
  given_file(line("a", 8));
  given_file(line("x", 1) + "{\n" + line("y", 2));
  EXPECT_EQ(order(), "x!ya");
}

TEST_F(FileEventsTest, an_event_of_the_future_holds_nothing_back) {
  given_file(line("f", 59 * 60) + line("a", 2) + line("b", 9));
  given_file(line("x", 1) + line("y", 8));
  EXPECT_EQ(order(), "fxayb");
}

TEST_F(FileEventsTest, many_batches_come_whole) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += line("e", i % 3000);
  given_file(text);
  EXPECT_EQ(order().size(), 10'000U);
}

TEST_F(FileEventsTest, empty_files_have_no_events) {
  given_file("");
  given_file("\n");
  EXPECT_EQ(order(), "");
}

}  // namespace
}  // namespace purvey::flow
