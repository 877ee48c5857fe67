#include "store/ledger/journal.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "base/file.h"
#include "store/ledger/internal/segment.h"

namespace purvey::store::ledger {
namespace {

namespace fs = std::filesystem;
using base::Result;
using internal::Segment;
using internal::SegmentSpan;

/// Closes a segment in a thread of its own, as its log is then merged into its file.
class Closer {
 public:
  ~Closer() { wait(); }
  void close(std::unique_ptr<Segment> segment) {
    wait();
    thread_ = std::thread([segment = std::move(segment)]() mutable { segment.reset(); });
  }
  void wait() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

class SegmentJournal final : public Journal {
 public:
  explicit SegmentJournal(const JournalOptions& options) : options_(options) {}

  Result<void> open() {
    std::error_code error;
    fs::create_directories(options_.folder, error);
    if (error) return base::unavailable(fmt::format("{}: {}", options_.folder, error.message()));
    PURVEY_TRY(remove_unmade());
    auto paths = PURVEY_TRY(segment_paths());
    if (paths.empty()) {
      paths.push_back(path_of(1));
      PURVEY_TRY(Segment::make(paths.back(), 1, 1));
    }
    return open_segments(paths);
  }

  Result<void> open_to_read() {
    failed_ = base::conflict(options_.folder + ": was opened for reading");
    const auto paths = PURVEY_TRY(segment_paths());
    if (!paths.empty()) return open_segments(paths);
    return base::not_found(fmt::format(
        "{}: holds no journal; give the folder journal/ of a data folder", options_.folder));
  }

  int64_t next_number() const override { return active_->span().next_number; }
  int64_t next_seq() const override { return active_->span().next_seq; }

  Result<void> append(std::span<JournalRecord> records) override {
    if (failed_) return *failed_;
    auto done = active_->bytes() < options_.segment_bytes ? Result<void>() : begin_segment();
    if (done) done = active_->append(records);
    if (!done) failed_ = done.error();
    return done;
  }

  Result<void> read(int64_t number, const Visit& visit) override {
    const int64_t first =
        ended_.empty() ? active_->span().first_number : ended_.front().span.first_number;
    if (number < first) {
      return base::not_found(fmt::format("{}: record {} was dropped, the first is {}",
                                         options_.folder, number, first));
    }
    closer_.wait();
    for (const Ended& segment : ended_) {
      if (segment.span.next_number <= number) continue;
      const auto opened = PURVEY_TRY(Segment::open(segment.path));
      if (!PURVEY_TRY(opened->read(number, visit))) return {};
    }
    PURVEY_TRY(active_->read(number, visit));
    return {};
  }

  Result<void> drop_before(int64_t number) override {
    closer_.wait();
    while (!ended_.empty() && ended_.front().span.next_number <= number) {
      std::error_code error;
      fs::remove(ended_.front().path, error);
      if (error) {
        return base::unavailable(
            fmt::format("{}: cannot be removed: {}", ended_.front().path, error.message()));
      }
      ended_.erase(ended_.begin());
    }
    return base::sync_folder(options_.folder);
  }

 private:
  struct Ended {
    std::string path;
    SegmentSpan span;
  };

  Result<void> open_segments(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      if (active_) ended_.push_back({active_->path(), active_->span()});
      auto next = PURVEY_TRY(Segment::open(path));
      if (active_ && !follows(next->span(), active_->span())) {
        return base::corrupt(fmt::format(
            "{}: begins with record {} where {} ends before {}; bring the missing file back", path,
            next->span().first_number, active_->path(), active_->span().next_number));
      }
      active_ = std::move(next);
    }
    return {};
  }

  static bool follows(const SegmentSpan& next, const SegmentSpan& last) {
    return next.first_number == last.next_number && next.first_seq == last.next_seq;
  }

  std::string path_of(int64_t number) const {
    return fmt::format("{}/segment-{:012}.db", options_.folder, number);
  }

  /// What a crash left of a segment that was being made.
  Result<void> remove_unmade() const {
    std::error_code error;
    std::vector<fs::path> unmade;
    for (fs::directory_iterator entry(options_.folder, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().filename().string().find(".db.new") != std::string::npos) {
        unmade.push_back(entry->path());
      }
    }
    for (const fs::path& path : unmade) fs::remove(path, error);
    if (error) return base::unavailable(fmt::format("{}: {}", options_.folder, error.message()));
    return {};
  }

  /// In order.
  Result<std::vector<std::string>> segment_paths() const {
    std::vector<std::string> paths;
    std::error_code error;
    for (fs::directory_iterator entry(options_.folder, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with("segment-") && name.ends_with(".db")) {
        paths.push_back(entry->path().string());
      }
    }
    if (error == std::errc::no_such_file_or_directory) return paths;
    if (error) return base::unavailable(fmt::format("{}: {}", options_.folder, error.message()));
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  Result<void> begin_segment() {
    const SegmentSpan& last = active_->span();
    const std::string path = path_of(last.next_number);
    PURVEY_TRY(Segment::make(path, last.next_number, last.next_seq));
    auto next = PURVEY_TRY(Segment::open(path));
    ended_.push_back({active_->path(), last});
    closer_.close(std::exchange(active_, std::move(next)));
    return {};
  }

  const JournalOptions options_;
  std::vector<Ended> ended_;
  std::unique_ptr<Segment> active_;
  std::optional<base::Error> failed_;  ///< of the first append that failed: no more are taken
  Closer closer_;
};

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options) {
  auto journal = std::make_unique<SegmentJournal>(options);
  PURVEY_TRY(journal->open());
  return std::unique_ptr<Journal>(std::move(journal));
}

Result<std::unique_ptr<Journal>> Journal::open_to_read(const std::string& folder) {
  auto journal = std::make_unique<SegmentJournal>(JournalOptions{.folder = folder});
  PURVEY_TRY(journal->open_to_read());
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace purvey::store::ledger
