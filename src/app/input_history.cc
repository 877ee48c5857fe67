#include "app/input_history.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "app/open_store.h"
#include "app/play_journal.h"
#include "base/file_hash.h"
#include "store/ledger/journal.h"

namespace purvey::app {
namespace {

namespace fs = std::filesystem;
using base::Result;
using store::KnownFile;
using store::ledger::Journal;
using store::ledger::JournalRecord;
using store::ledger::RecordKind;

constexpr uint64_t kHead = 1U << 20;

Result<std::vector<PastReplay>> past_replays(store::depot::Store& store) {
  std::vector<PastReplay> replays;
  uint64_t last = 0;
  for (KnownFile& file : PURVEY_TRY(store.known_files())) {
    if (file.commit == 0) {
      return base::conflict(fmt::format(
          "{}: was replayed by an older Purvey, which did not note when; replay the inputs into a "
          "new folder",
          file.name));
    }
    if (file.commit != last) replays.emplace_back();
    last = file.commit;
    replays.back().files.push_back({.known = std::move(file)});
  }
  return replays;
}

/// The journal's next record as of the last commit, if the folder ever had a server; else 1. A
/// server that was killed leaves 0, and the next one to open the folder takes up what it left.
int64_t committed_record(const store::depot::Store& store) {
  const std::string text = store.meta(kJournalRecordKey).value_or("");
  int64_t record = 1;
  std::from_chars(text.data(), text.data() + text.size(), record);
  return record;
}

Result<void> note_record(const JournalRecord& record, PastJournal& journal) {
  journal.events += record.events;
  journal.bytes += record.body.size();
  if (record.kind != RecordKind::kCommand) return {};
  base::Dictionary names;
  const FlowInput input = PURVEY_TRY(decode_record(record, names));
  journal.letters.insert(input.command->letters.begin(), input.command->letters.end());
  return {};
}

Result<PastJournal> past_journal(const std::string& folder, const store::depot::Store& store) {
  PastJournal past;
  const auto journal = Journal::open_to_read(folder + "/journal", store.disk());
  if (!journal && journal.error().code != base::ErrorCode::kNotFound) return journal.error();
  if (journal) {
    past.folder = folder + "/journal";
    past.next_number = (*journal)->next_number();
    const auto read = (*journal)->read(1, [&](const JournalRecord& record) -> Result<bool> {
      PURVEY_TRY(note_record(record, past));
      return true;
    });
    if (!read && read.error().code == base::ErrorCode::kNotFound) {
      return base::conflict(fmt::format(
          "{}; what it held cannot be counted again: [journal] keep = true keeps all records, from "
          "a folder's first day on",
          read.error().message));
    }
    if (!read) return read.error();
  }
  if (past.next_number >= committed_record(store)) return past;
  return base::conflict(
      fmt::format("{}/journal: ends before record {}, which results rest on; bring it back", folder,
                  committed_record(store)));
}

/// The folder has counted each event once: what is not in files and journal came another way.
Result<void> check_complete(const InputHistory& history, const std::string& folder,
                            const store::depot::Store& store) {
  uint64_t events = history.journal.events;
  for (const PastReplay& replay : history.replays) events += replay.events();
  const auto counted = static_cast<uint64_t>(store.next_seq() - 1);
  if (events == counted) return {};
  return base::conflict(
      fmt::format("{}: of its {} events only {} stand in files and journal (what was replayed "
                  "through a pipe is "
                  "nowhere); replay the inputs into a new folder",
                  folder, counted, events));
}

bool is_it(const std::string& path, const KnownFile& file, bool whole) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed) || fs::file_size(path, failed) != file.size || failed) {
    return false;
  }
  const auto head = base::hash_file(path, std::min(file.size, kHead));
  if (!head || !(head->hash == file.head_hash)) return false;
  if (!whole) return true;
  const auto all = base::hash_file(path, file.size);
  return all && all->hash == file.fingerprint;
}

/// Files under a folder by their size.
Result<std::multimap<uint64_t, std::string>> files_under(const std::string& folder) {
  std::multimap<uint64_t, std::string> files;
  if (folder.empty()) return files;
  std::error_code failed;
  constexpr auto kSkip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(folder, kSkip, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code unreadable;
    if (!entry->is_regular_file(unreadable)) continue;
    files.emplace(entry->file_size(unreadable), entry->path().string());
  }
  if (failed) return base::not_found(fmt::format("--files {}: {}", folder, failed.message()));
  return files;
}

}  // namespace

uint64_t PastFile::events_of(std::string_view source) const {
  for (const store::SourceCount& count : known.sources) {
    if (count.source == source && !count.purged) return count.events;
  }
  return 0;
}

bool PastFile::has_other_than(std::string_view source) const {
  return std::any_of(known.sources.begin(), known.sources.end(), [&](const auto& count) {
    return !count.purged && !count.source.empty() && count.source != source;
  });
}

uint64_t PastReplay::events() const {
  uint64_t sum = 0;
  for (const PastFile& file : files) sum += file.known.events;
  return sum;
}

Result<InputHistory> read_history(const std::string& folder, store::depot::Store& store) {
  InputHistory history;
  history.replays = PURVEY_TRY(past_replays(store));
  history.journal = PURVEY_TRY(past_journal(folder, store));
  PURVEY_TRY(check_complete(history, folder, store));
  return history;
}

Result<void> find_files(InputHistory& history, std::string_view source, const std::string& look_in,
                        bool whole) {
  const auto candidates = PURVEY_TRY(files_under(look_in));
  for (PastReplay& replay : history.replays) {
    for (PastFile& file : replay.files) {
      if (is_it(file.known.path, file.known, whole)) file.path = file.known.path;
      const auto [begin, end] = candidates.equal_range(file.known.size);
      for (auto one = begin; one != end && file.path.empty(); ++one) {
        if (is_it(one->second, file.known, whole)) file.path = one->second;
      }
      const bool goes = file.events_of(source) > 0 && !file.has_other_than(source);
      if (!file.path.empty() || goes) continue;
      return base::not_found(fmt::format(
          "{}: is missing or has changed since it was replayed, and what it holds of other sources "
          "has to be counted again; put it back, or name a folder that has it with --files",
          file.known.path));
    }
  }
  return {};
}

}  // namespace purvey::app
