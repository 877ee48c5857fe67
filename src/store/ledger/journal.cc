#include "store/ledger/journal.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/file.h"
#include "store/ledger/internal/segment.h"

namespace purvey::store::ledger {
namespace {

using base::Result;
using internal::Segment;
using internal::SegmentSpan;

class SegmentJournal final : public Journal {
 public:
  explicit SegmentJournal(const JournalOptions& options)
      : options_(options),
        disk_(*options.disk),
        behind_(options.behind ? options.behind : std::make_shared<base::BehindThread>()) {}
  ~SegmentJournal() override { behind_->wait(); }
  SegmentJournal(const SegmentJournal&) = delete;
  SegmentJournal& operator=(const SegmentJournal&) = delete;

  Result<void> open() {
    PURVEY_TRY(base::make_folder(options_.folder, disk_));
    PURVEY_TRY(remove_remains());
    auto paths = PURVEY_TRY(segment_paths());
    if (paths.empty()) {
      paths.push_back(path_of(1));
      PURVEY_TRY(Segment::make(paths.back(), 1, 1, disk_));
    }
    PURVEY_TRY(open_segments(paths));
    // What is found counts as acknowledged from here on: who sends it again is told that it is in.
    return active_->merge_log(disk_);
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
    // One without records would be followed by one of the same name.
    const bool is_empty = active_->span().next_number == active_->span().first_number;
    const bool is_full = !is_empty && active_->bytes() >= options_.segment_bytes;
    auto done = is_full ? begin_segment() : Result<void>();
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
    behind_->wait();
    for (const Ended& segment : ended_) {
      if (segment.span.next_number <= number) continue;
      const auto opened = PURVEY_TRY(Segment::open(segment.path, disk_));
      if (!PURVEY_TRY(opened->read(number, visit))) return {};
    }
    PURVEY_TRY(active_->read(number, visit));
    return {};
  }

  Result<void> drop_before(int64_t number) override {
    behind_->wait();
    while (!ended_.empty() && ended_.front().span.next_number <= number) {
      PURVEY_TRY(disk_.remove(ended_.front().path));
      PURVEY_TRY(disk_.remove(ended_.front().path + "-wal"));  // of one that did not close well
      // One by one: a power cut must not bring one back and leave the next one out.
      PURVEY_TRY(disk_.sync(options_.folder));
      ended_.erase(ended_.begin());
    }
    return {};
  }

 private:
  struct Ended {
    std::string path;
    SegmentSpan span;
  };

  Result<void> open_segments(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      if (active_) ended_.push_back({active_->path(), active_->span()});
      auto next = PURVEY_TRY(Segment::open(path, disk_));
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

  /// What a crash left of a segment that was being made or dropped.
  Result<void> remove_remains() const {
    const auto names = PURVEY_TRY(disk_.list(options_.folder));
    for (const std::string& name : names) {
      const bool is_unmade = name.find(".db.new") != std::string::npos;
      const bool is_dropped =
          name.ends_with(".db-wal") &&
          !std::binary_search(names.begin(), names.end(), name.substr(0, name.size() - 4));
      if (is_unmade || is_dropped) PURVEY_TRY(disk_.remove(options_.folder + "/" + name));
    }
    return {};
  }

  /// In order.
  Result<std::vector<std::string>> segment_paths() const {
    std::vector<std::string> paths;
    const auto names = disk_.list(options_.folder);
    if (!names && names.error().code == base::ErrorCode::kNotFound) return paths;
    if (!names) return names.error();
    for (const std::string& name : *names) {
      if (!name.starts_with("segment-") || !name.ends_with(".db")) continue;
      paths.push_back(options_.folder + "/" + name);
    }
    return paths;
  }

  Result<void> begin_segment() {
    const SegmentSpan& last = active_->span();
    const std::string path = path_of(last.next_number);
    PURVEY_TRY(Segment::make(path, last.next_number, last.next_seq, disk_));
    auto next = PURVEY_TRY(Segment::open(path, disk_));
    ended_.push_back({active_->path(), last});
    // Its log is then merged into its file.
    std::shared_ptr<Segment> ended = std::exchange(active_, std::move(next));
    behind_->start([ended = std::move(ended)]() mutable { ended.reset(); });
    return {};
  }

  const JournalOptions options_;
  base::Disk& disk_;
  std::vector<Ended> ended_;
  std::unique_ptr<Segment> active_;
  std::optional<base::Error> failed_;  ///< of the first append that failed: no more are taken
  const std::shared_ptr<base::Behind> behind_;
};

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options) {
  auto journal = std::make_unique<SegmentJournal>(options);
  PURVEY_TRY(journal->open());
  return std::unique_ptr<Journal>(std::move(journal));
}

Result<std::unique_ptr<Journal>> Journal::open_to_read(const std::string& folder,
                                                       base::Disk& disk) {
  auto journal = std::make_unique<SegmentJournal>(JournalOptions{.folder = folder, .disk = &disk});
  PURVEY_TRY(journal->open_to_read());
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace purvey::store::ledger
