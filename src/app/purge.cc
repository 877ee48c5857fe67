#include "app/purge.h"

#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <filesystem>

#include "app/open_store.h"
#include "app/row_collector.h"
#include "app/sql_text.h"
#include "app/up_to_date.h"
#include "base/closest_name.h"
#include "base/shown_text.h"
#include "store/depot/folder_lock.h"
#include "store/depot/rebuilt_folder.h"

namespace purvey::app {
namespace {

namespace fs = std::filesystem;
using base::Result;
using store::depot::Store;

constexpr size_t kShownBytes = 200;

Result<std::vector<Row>> ask(Store& store, const std::string& sql) {
  RowCollector rows;
  PURVEY_TRY(store.query(sql, {}, rows));
  return rows.take();
}

uint64_t number_of(const std::optional<std::string>& cell) {
  uint64_t value = 0;
  if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), value);
  return value;
}

uint64_t bytes_under(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code unreadable;
    if (entry->is_regular_file(unreadable)) bytes += entry->file_size(unreadable);
  }
  return bytes;
}

/// The new folder takes about as much as the old one, which stays until it is done.
Result<void> check_room(const std::string& folder) {
  uint64_t needed = 0;
  for (const char* const name : {"/archive", "/checkpoint", "/ids", "/journal"}) {
    needed += bytes_under(folder + name);
  }
  std::error_code failed;
  const auto space = fs::space(folder, failed);
  if (failed || space.available > needed) return {};
  return base::unavailable(fmt::format(
      "{}: a purge works the folder out again beside itself and needs about {} MiB of room, there "
      "are {} MiB; nothing was changed",
      folder, (needed >> 20) + 1, space.available >> 20));
}

/// What a server that was killed had acknowledged is counted; a server that runs is no matter for
/// a purge.
Result<void> bring_up_to_date(const std::string& folder) {
  const auto store = open_up_to_date(folder);
  if (store) return {};
  const auto server = store::depot::FolderLock::announced(folder);
  if (store.error().code != base::ErrorCode::kConflict || !server) return store.error();
  return base::conflict(fmt::format(
      "{}: the server at {} works on this data folder; stop it, purge, and start it again", folder,
      server->url));
}

}  // namespace

Result<std::unique_ptr<Purge>> Purge::prepare(const PurgeOptions& options,
                                              const Configuration& configuration) {
  std::unique_ptr<Purge> purge(new Purge(options, configuration));
  PURVEY_TRY(purge->prepare());
  return purge;
}

Result<void> Purge::prepare() {
  PURVEY_TRY(bring_up_to_date(options_.data));
  store_ = PURVEY_TRY(open_store(options_.data, configuration_));
  PURVEY_TRY(note_verdicts());
  history_ = PURVEY_TRY(read_history(options_.data, *store_));
  note_inputs();
  PURVEY_TRY(find_files(history_, options_.source, options_.files, options_.checks_whole));
  return check_room(options_.data);
}

Result<void> Purge::note_verdicts() {
  const auto rows = PURVEY_TRY(ask(
      *store_, fmt::format("SELECT verdict, sum(n)::BIGINT, min(day), max(day) FROM quality WHERE "
                           "source = {} GROUP BY verdict ORDER BY 2 DESC, 1",
                           sql_text(options_.source))));
  if (rows.empty()) return unknown_source();
  for (const Row& row : rows) {
    const uint64_t events = number_of(row[1]);
    plan_.verdicts.emplace_back(row[0].value_or(""), events);
    plan_.events += events;
    if (!row[2] || !row[3]) continue;
    if (plan_.first_day.empty() || *row[2] < plan_.first_day) plan_.first_day = *row[2];
    if (*row[3] > plan_.last_day) plan_.last_day = *row[3];
  }
  return {};
}

base::Error Purge::unknown_source() {
  std::string like;
  const auto rows = ask(*store_,
                        "SELECT DISTINCT source FROM quality WHERE source IS NOT NULL "
                        "ORDER BY source LIMIT 100000");
  std::vector<std::string_view> names;
  if (rows) {
    for (const Row& row : *rows) names.push_back(*row[0]);
  }
  const std::string_view closest = base::closest_name(options_.source, names);
  if (!closest.empty()) {
    like = fmt::format("did you mean {}?", base::shown_text(closest, kShownBytes));
  } else if (names.empty()) {
    like = "it holds no events";
  } else {
    like = "there is " + base::shown_text(names[0], kShownBytes);
    for (size_t i = 1; i < std::min<size_t>(names.size(), 5); ++i) {
      like += ", " + base::shown_text(names[i], kShownBytes);
    }
    if (names.size() > 5) like += fmt::format(" and {} more", names.size() - 5);
  }
  return base::not_found(fmt::format("{}: nothing came from the source '{}'; {}", options_.data,
                                     base::shown_text(options_.source, kShownBytes), like));
}

void Purge::note_inputs() {
  for (const PastReplay& replay : history_.replays) {
    for (const PastFile& file : replay.files) {
      const uint64_t events = file.events_of(options_.source);
      const bool goes = events > 0 && !file.has_other_than(options_.source);
      if (events > 0) {
        plan_.files.push_back(
            {.name = file.known.name, .events = events, .all = file.known.events, .goes = goes});
      }
      if (goes) continue;
      ++plan_.files_again;
      plan_.bytes_again += file.known.size;
    }
  }
  plan_.records_again = static_cast<uint64_t>(history_.journal.next_number - 1);
  plan_.bytes_again += history_.journal.bytes;
}

Result<PurgeSummary> Purge::run(
    const std::function<void(uint64_t bytes, uint64_t events)>& progress) {
  const auto begun = std::chrono::steady_clock::now();
  base::Disk& disk = store_->disk();
  const std::string folder = store::depot::rebuild_folder(options_.data);
  PURVEY_TRY(store::depot::clear_rebuild(options_.data, disk));
  const auto rebuilt = rebuild_without(
      history_,
      {.data = options_.data, .folder = folder, .source = options_.source, .progress = progress},
      configuration_);
  if (!rebuilt) {
    static_cast<void>(store::depot::clear_rebuild(options_.data, disk));  // the first error is told
    return rebuilt.error();
  }
  PURVEY_TRY(store::depot::put_in_place(options_.data, disk));
  store_.reset();
  return PurgeSummary{
      .events = static_cast<uint64_t>(rebuilt->next_seq - 1),
      .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(),
      .digest = rebuilt->digest};
}

}  // namespace purvey::app
