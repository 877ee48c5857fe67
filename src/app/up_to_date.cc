#include "app/up_to_date.h"

#include <fmt/core.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "app/live_flow.h"
#include "app/open_store.h"
#include "app/settings_note.h"
#include "store/ledger/journal.h"

namespace purvey::app {
namespace {

namespace fs = std::filesystem;
using base::Result;
using store::depot::Store;
using store::ledger::Journal;

/// The journal's next record when its server stopped, 0 if it did not.
int64_t stopped_before(const Store& store) {
  const std::string text = store.meta(kJournalRecordKey).value_or("");
  int64_t record = 0;
  std::from_chars(text.data(), text.data() + text.size(), record);
  return record;
}

/// Whether SQLite's log of a segment was left behind: its server was killed.
bool has_log(const std::string& journal) {
  std::error_code error;
  for (fs::directory_iterator entry(journal, error), end; !error && entry != end;
       entry.increment(error)) {
    const bool is_log = entry->path().string().ends_with(".db-wal");
    if (is_log && entry->file_size(error) > 0) return true;
  }
  return false;
}

/// Whether the server was killed: the journal may hold records that results do not rest on. In a
/// folder that cannot be written a log that was left behind cannot be read: it says so.
Result<bool> is_behind(const std::string& journal, const Store& store, bool is_writable) {
  std::error_code error;
  if (!fs::exists(journal, error)) return false;
  if (!is_writable && has_log(journal)) return true;
  const auto records = Journal::open_to_read(journal);
  if (!records && records.error().code == base::ErrorCode::kNotFound) return false;
  if (!records) return records.error();
  return (*records)->next_number() > stopped_before(store);
}

Result<void> count_what_came(const std::string& folder) {
  const auto configuration = noted_settings(folder);
  if (!configuration) {
    return base::Error{
        configuration.error().code,
        fmt::format("{}: its journal holds events that are not counted yet, and the settings of "
                    "its server cannot be read; start the server once: {}",
                    folder, configuration.error().message)};
  }
  auto options = live_options(folder, *configuration);
  options.retention = {};  // only a server drops anything
  const auto flow = PURVEY_TRY(LiveFlow::open(options, *configuration));
  return flow->stop();
}

}  // namespace

Result<std::unique_ptr<Store>> open_up_to_date(const std::string& folder) {
  auto store = PURVEY_TRY(Store::open({.folder = folder, .read_only = true}));
  const bool is_writable = access(folder.c_str(), W_OK) == 0;
  if (!PURVEY_TRY(is_behind(folder + "/journal", *store, is_writable))) return store;
  if (!is_writable) {
    fmt::print(stderr,
               "purvey: {}: its server was killed, and what came after the last commit is missing "
               "here, as the folder cannot be written; copy it to a place that can be\n",
               folder);
    return store;
  }
  store.reset();
  PURVEY_TRY(count_what_came(folder));
  return Store::open({.folder = folder, .read_only = true});
}

Result<std::unique_ptr<Store>> open_when_stopped(const std::string& folder) {
  auto store = open_up_to_date(folder);
  if (store || store.error().code != base::ErrorCode::kConflict) return store;
  const auto server = store::depot::FolderLock::announced(folder);
  if (!server) return store;
  return base::conflict(fmt::format(
      "{}: the server at {} works on this data folder; stop it first, or ask it with purvey sql",
      folder, server->url));
}

}  // namespace purvey::app
