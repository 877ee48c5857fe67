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

  static std::string line(const std::string& id, int second, const std::string& source = "/s") {
    return fmt::format(R"({{"specversion":"1.0","id":"{}","source":"{}","type":"order.paid",)"
                       R"("time":"2026-01-01T00:{:02}:{:02}Z","data":{{"order_id":"o"}}}})"
                       "\n",
                       id, source, second / 60, second % 60);
  }
  void given_file(const std::string& text) {
    paths_.push_back(
        fmt::format("{}file_events_{}_{}", testing::TempDir(), getpid(), paths_.size()));
    std::ofstream(paths_.back()) << text;
  }

  /// Ids in the order of counting; `!` for what was rejected. `left_out`: of the first file.
  std::string order(const std::string& left_out = "") {
    std::vector<std::unique_ptr<event::LineReader>> files;
    for (const auto& path : paths_) {
      files.push_back(std::make_unique<event::LineReader>(*base::open_byte_source(path)));
    }
    base::Dictionary names;
    event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                               std::nullopt);
    FileEvents events(std::move(files), decoder, *base::parse_rfc3339("2026-01-01T00:30:00Z"));
    if (!left_out.empty()) events.leave_out(0, names.intern(left_out));
    std::string out;
    for (;;) {
      const auto slice = *events.next();
      if (slice.begin == slice.end) {
        note_counts(events, names);
        return out;
      }
      for (size_t i = slice.begin; i < slice.end; ++i) {
        const auto& row = slice.batch->rows[i];
        out += row.refused ? "!" : std::string(slice.batch->text(row.id));
      }
    }
  }

  void note_counts(const FileEvents& events, const base::Dictionary& names) {
    counts_.clear();
    for (const auto& file : events.events_by_source()) {
      for (const auto& [source, count] : file) {
        counts_ += fmt::format("{}={} ", names.text(source), count);
      }
      counts_ += "| ";
    }
  }

  std::vector<std::string> paths_;
  std::string counts_;  ///< events by source, file by file
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

TEST_F(FileEventsTest, events_are_counted_by_file_and_source) {
  given_file(line("a", 1) + line("b", 2, "/t") + line("c", 3) + "{\n");
  given_file(line("x", 4, "/t"));
  EXPECT_EQ(order(), "abc!x");
  EXPECT_EQ(counts_, "=1 /s=2 /t=1 | /t=1 | ");
}

TEST_F(FileEventsTest, a_source_that_is_left_out_is_as_if_it_did_not_stand_there) {
  given_file(line("late", 50, "/t") + line("a", 5) + line("b", 7));
  given_file(line("x", 1) + line("y", 6) + line("t", 9, "/t"));
  EXPECT_EQ(order(), "xytlateab");
  EXPECT_EQ(order("/t"), "xaybt");  // nor does its time hold anything back
  EXPECT_EQ(counts_, "/s=2 | /t=1 /s=2 | ");
}

TEST_F(FileEventsTest, batches_of_nothing_but_a_source_that_is_left_out_do_not_end_a_file) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += line("t", 1, "/t");
  given_file(text + line("a", 2));
  EXPECT_EQ(order("/t"), "a");
}

TEST_F(FileEventsTest, empty_files_have_no_events) {
  given_file("");
  given_file("\n");
  EXPECT_EQ(order(), "");
}

}  // namespace
}  // namespace purvey::flow
