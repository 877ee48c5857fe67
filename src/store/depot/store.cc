#include "store/depot/store.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "base/crash_point.h"
#include "base/file.h"
#include "store/archive/archive.h"
#include "store/archive/part_checks.h"
#include "store/depot/checkpoint_files.h"
#include "store/depot/folder_lock.h"
#include "store/depot/rebuilt_folder.h"
#include "store/depot/replaced_files.h"
#include "store/ledger/ledger.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Result;

Result<bool> exists(const std::string& path, base::Disk& disk) {
  const auto status = PURVEY_TRY(disk.status(path));
  return status.has_value();
}

/// A folder that holds something else is nobody's data folder by mistake.
Result<void> check_is_ours(const std::string& folder, base::Disk& disk) {
  const auto names = disk.list(folder);
  if (!names || names->empty()) return {};
  for (const char* const name : {"/state.db", "/lock"}) {
    if (PURVEY_TRY(exists(folder + name, disk))) return {};
  }
  return base::conflict(
      fmt::format("{}: is not empty and holds no Purvey data; choose another folder", folder));
}

Result<void> check_holds_data(const std::string& ledger_path, base::Disk& disk) {
  if (PURVEY_TRY(exists(ledger_path, disk))) return {};
  return base::not_found(
      fmt::format("{}: holds no Purvey data; replay or import something into it first",
                  fs::path(ledger_path).parent_path().string()));
}

int32_t day_of(base::EventTime stored_at) {
  return stored_at == base::kNever ? Part::kUnknownDay : base::utc_day(stored_at);
}

/// What failed when the ledger had the commit: the caller must not think that it did not come.
Error taken_in(const Error& error) {
  return {error.code, fmt::format("the events are taken in, but then: {}; once that is mended, the "
                                  "next command on this data folder finishes it",
                                  error.message)};
}

class FolderStore final : public Store {
 public:
  explicit FolderStore(const StoreOptions& options)
      : options_(options),
        disk_(*options.disk),
        checkpoints_(options.folder + "/checkpoint", disk_),
        part_checks_(archive_folder(), disk_),
        replaced_(archive_folder(), disk_) {}
  ~FolderStore() override { discard_uncommitted(); }
  FolderStore(const FolderStore&) = delete;
  FolderStore& operator=(const FolderStore&) = delete;

  Result<void> open() { return options_.read_only ? open_for_questions() : open_for_commits(); }

  Result<void> append(const RowBuffer& rows) override {
    PURVEY_TRY(check_writable());
    return remember(archive_->append(rows));
  }
  Result<void> flush() override {
    PURVEY_TRY(check_writable());
    return remember(archive_->flush());
  }
  Result<void> commit(const CommitInfo& info) override {
    PURVEY_TRY(check_writable());
    return remember(write_commit(info));
  }

  Result<void> replace(const Replacement& replacement) override {
    PURVEY_TRY(check_writable());
    return remember(write_replacement(replacement));
  }
  uint64_t bytes_replaced() const override { return replaced_.bytes_waiting(); }
  Result<std::string> take_part_name(std::span<const Part> parts) override {
    PURVEY_TRY(check_writable());
    return archive_->take_name(parts);
  }
  Result<std::unique_ptr<archive::Rewriter>> rewriter() const override;

  base::Disk& disk() const override { return disk_; }
  int64_t next_seq() const override { return progress_.next_seq; }
  base::EventTime watermark() const override { return progress_.watermark; }
  std::optional<std::string> meta(std::string_view key) const override {
    const auto found = meta_.find(std::string(key));
    return found == meta_.end() ? std::nullopt : std::optional(found->second);
  }

  Result<std::optional<std::string>> load_checkpoint() override {
    const auto known = PURVEY_TRY(ledger_->checkpoints());
    if (known.empty()) return std::optional<std::string>();
    return std::optional(PURVEY_TRY(checkpoints_.load(known.front())));
  }
  Result<std::optional<KnownFile>> known_fingerprint(base::Hash128 fingerprint) override {
    return ledger_->file_by_fingerprint(fingerprint);
  }
  Result<std::optional<KnownFile>> find_file(uint64_t size, base::Hash128 head_hash) override {
    return ledger_->file_by_head(size, head_hash);
  }
  Result<std::vector<KnownFile>> known_files() override { return ledger_->files(); }
  const std::vector<Part>& parts() const override { return parts_; }

  Result<QueryEnd> query(std::string_view sql, const QueryLimits& limits,
                         ResultSink& sink) override;
  Result<void> verify() override { return part_checks_.check_all(parts_); }
  Result<std::string> digest() override;
  Result<void> export_parquet(const std::string& folder) override;
  Result<void> export_csv(const std::string& folder) override;
  Result<std::unique_ptr<Questions>> questions() override {
    return make_questions({.folder = options_.folder,
                           .timezone = zone(),
                           .threads = options_.threads,
                           .disk = options_.disk,
                           .engine = options_.engine},
                          board_);
  }
  Result<void> announce(const Announcement& announcement) override {
    PURVEY_TRY(check_writable());
    return lock_->announce(announcement);
  }

 private:
  Result<void> open_for_questions();
  Result<void> open_for_commits();
  Result<void> make_facts();

  std::string ledger_path() const { return options_.folder + "/state.db"; }
  std::string archive_folder() const { return options_.folder + "/archive"; }
  std::string zone() const {
    return meta("timezone").value_or(options_.timezone.empty() ? "UTC" : options_.timezone);
  }
  facts::Committed committed() const {
    return {.parts = parts_, .dropped = dropped_, .watermark = progress_.watermark};
  }
  Result<void> check_writable() const;
  Result<void> remember(Result<void> done);
  Result<void> write_commit(const CommitInfo& info);
  Result<void> finish_commit(const CommitInfo& info);
  Result<void> write_replacement(const Replacement& replacement);
  Result<void> finish_replacement(const Replacement& replacement);
  void discard_uncommitted();
  Result<void> load_committed();

  const StoreOptions options_;
  base::Disk& disk_;
  CheckpointFiles checkpoints_;
  archive::PartChecks part_checks_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<PartWriter> part_writer_;    ///< only for commits
  std::unique_ptr<archive::Archive> archive_;  ///< only for commits
  std::unique_ptr<facts::Facts> facts_;
  const std::shared_ptr<CommittedBoard> board_ = std::make_shared<CommittedBoard>();
  bool ledger_asked_ = false;  ///< whether a commit got as far as the ledger and has not ended well
  std::optional<Error> failed_;  ///< the first failed write: the last commit stands, no more rows

  ledger::Progress progress_;
  std::vector<Part> parts_;
  std::vector<DroppedRows> dropped_;
  std::map<std::string, std::string> meta_;
  ReplacedFiles replaced_;
};

Result<void> FolderStore::open_for_questions() {
  PURVEY_TRY(check_holds_data(ledger_path(), disk_));
  if (PURVEY_TRY(is_being_replaced(options_.folder, disk_))) {
    const auto lock = PURVEY_TRY(FolderLock::take_alone(options_.folder, disk_));
    PURVEY_TRY(finish_replacing(options_.folder, disk_));
  }
  lock_ = PURVEY_TRY(FolderLock::take_shared(options_.folder, disk_));
  ledger_ = PURVEY_TRY(ledger::Ledger::open_read_only(ledger_path(), disk_));
  PURVEY_TRY(load_committed());
  PURVEY_TRY(make_facts());
  return archive::finish_placing(archive_folder(), parts_, disk_);
}

Result<void> FolderStore::open_for_commits() {
  PURVEY_TRY(check_is_ours(options_.folder, disk_));
  PURVEY_TRY(base::make_folder(options_.folder, disk_));
  lock_ = PURVEY_TRY(FolderLock::take_alone(options_.folder, disk_));
  // By the lock a folder is known as ours: its name is durable before any other is made.
  PURVEY_TRY(disk_.sync(options_.folder));
  PURVEY_TRY(finish_replacing(options_.folder, disk_));
  PURVEY_TRY(clear_rebuild(options_.folder, disk_));
  PURVEY_TRY(base::make_folder(archive_folder(), disk_));
  PURVEY_TRY(base::make_folder(options_.folder + "/checkpoint", disk_));
  ledger_ = PURVEY_TRY(ledger::Ledger::open(ledger_path(), disk_));
  part_writer_ = PURVEY_TRY(options_.engine->part_writer(
      {.memory_limit_mb = options_.memory_limit_mb, .threads = options_.threads}));
  PURVEY_TRY(load_committed());
  PURVEY_TRY(make_facts());
  archive_ = std::make_unique<archive::Archive>(archive_folder(), *part_writer_,
                                                options_.rows_buffered_max, disk_);
  const auto replaced = PURVEY_TRY(ledger_->replaced_files());
  PURVEY_TRY(archive_->recover(parts_, replaced));
  replaced_.add(replaced);
  PURVEY_TRY(replaced_.remove_unread());
  return archive::write_manifests(archive_folder(), parts_, disk_);
}

Result<void> FolderStore::make_facts() {
  facts_ = PURVEY_TRY(options_.engine->facts({.folder = options_.folder,
                                              .timezone = zone(),
                                              .memory_limit_mb = options_.memory_limit_mb,
                                              .threads = options_.threads,
                                              .shared = options_.read_only}));
  return {};
}

Result<void> FolderStore::check_writable() const {
  if (options_.read_only) {
    return base::conflict(options_.folder + ": was opened for questions only");
  }
  return failed_ ? Result<void>(*failed_) : Result<void>();
}

Result<void> FolderStore::remember(Result<void> done) {
  if (!done) failed_ = done.error();
  return done;
}

Result<void> FolderStore::write_commit(const CommitInfo& info) {
  PURVEY_TRY(archive_->flush());
  ledger::LedgerCommit commit{.progress = {.commits = progress_.commits + 1,
                                           .next_seq = info.next_seq,
                                           .watermark = info.watermark},
                              .parts = archive_->written(),
                              .cleared = replaced_.gone(),
                              .stored_day = day_of(info.stored_at),
                              .files = info.files,
                              .checkpoint = {},
                              .meta = info.meta};
  if (info.checkpoint) {
    commit.checkpoint = PURVEY_TRY(checkpoints_.save(*info.checkpoint, commit.progress.commits));
  }
  base::crash_point("before_commit");
  ledger_asked_ = true;
  PURVEY_TRY(ledger_->commit(commit));
  const auto finished = finish_commit(info);
  if (!finished) return taken_in(finished.error());
  ledger_asked_ = false;
  return {};
}

/// What follows once the ledger has it.
Result<void> FolderStore::finish_commit(const CommitInfo& info) {
  base::crash_point("after_commit_before_rename");
  PURVEY_TRY(archive_->place());
  archive_->forget(replaced_.gone());
  replaced_.forget_gone();
  PURVEY_TRY(load_committed());
  PURVEY_TRY(replaced_.remove_unread());
  if (info.checkpoint) checkpoints_.prune(PURVEY_TRY(ledger_->checkpoints()));
  return archive::write_manifests(archive_folder(), parts_, disk_);
}

Result<void> FolderStore::write_replacement(const Replacement& replacement) {
  const auto& part = replacement.part;
  ledger::LedgerCommit commit{.progress = progress_,
                              .parts = {part ? &*part : nullptr, part ? 1U : 0U},
                              .removed = replacement.from,
                              .cleared = replaced_.gone(),
                              .dropped = replacement.dropped};
  ++commit.progress.commits;
  base::crash_point("before_replacement");
  ledger_asked_ = true;
  PURVEY_TRY(ledger_->commit(commit));
  const auto finished = finish_replacement(replacement);
  if (!finished) return taken_in(finished.error());
  ledger_asked_ = false;
  return {};
}

Result<void> FolderStore::finish_replacement(const Replacement& replacement) {
  base::crash_point("after_replacement");
  if (replacement.part) PURVEY_TRY(archive_->place({&*replacement.part, 1}));
  archive_->forget(replaced_.gone());
  replaced_.forget_gone();
  std::vector<std::string> paths;
  for (const Part& part : replacement.from) paths.push_back(part.path());
  replaced_.add(paths);
  PURVEY_TRY(load_committed());
  PURVEY_TRY(replaced_.remove_unread());
  return archive::write_manifests(archive_folder(), parts_, disk_);
}

Result<std::unique_ptr<archive::Rewriter>> FolderStore::rewriter() const {
  const facts::ParquetOptions options{.memory_limit_mb = options_.memory_limit_mb,
                                      .threads = options_.threads};
  auto reader = PURVEY_TRY(options_.engine->part_reader(options));
  auto writer = PURVEY_TRY(options_.engine->part_writer(options));
  return std::make_unique<archive::Rewriter>(archive_folder(), std::move(reader), std::move(writer),
                                             disk_);
}

/// A full disk gets back the room of what was written and not committed. What cannot be told or
/// deleted here is left to the next open().
void FolderStore::discard_uncommitted() {
  if (!archive_ || (!failed_ && archive_->written().empty())) return;
  if (ledger_asked_) {
    // After an error of the ledger only one that is opened anew can tell what holds.
    ledger_.reset();
    auto again = ledger::Ledger::open(ledger_path(), disk_);
    if (!again) return;
    ledger_ = std::move(*again);
    const auto holds = ledger_->progress();
    if (!holds || holds->commits != progress_.commits) return;
  }
  archive_->discard();
  const auto known = ledger_->checkpoints();
  if (known) checkpoints_.prune(*known);
}

Result<void> FolderStore::load_committed() {
  progress_ = PURVEY_TRY(ledger_->progress());
  parts_ = PURVEY_TRY(ledger_->parts());
  dropped_ = PURVEY_TRY(ledger_->dropped());
  meta_ = PURVEY_TRY(ledger_->meta());
  const auto committed = std::make_shared<CommittedParts>(parts_, dropped_, progress_.watermark);
  replaced_.watch(committed);
  board_->publish(committed);
  return {};
}

Result<QueryEnd> FolderStore::query(std::string_view sql, const QueryLimits& limits,
                                    ResultSink& sink) {
  PURVEY_TRY(part_checks_.check_changed(parts_));
  return facts_->query(committed(), sql, limits, sink);
}

Result<std::string> FolderStore::digest() {
  PURVEY_TRY(part_checks_.check_all(parts_));
  return facts_->digest(committed());
}

Result<void> FolderStore::export_parquet(const std::string& folder) {
  PURVEY_TRY(part_checks_.check_all(parts_));
  return facts_->export_parquet(committed(), folder);
}

Result<void> FolderStore::export_csv(const std::string& folder) {
  PURVEY_TRY(part_checks_.check_all(parts_));
  return facts_->export_csv(committed(), folder);
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  auto store = std::make_unique<FolderStore>(options);
  PURVEY_TRY(store->open());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace purvey::store::depot
