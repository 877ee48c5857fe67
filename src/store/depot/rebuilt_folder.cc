#include "store/depot/rebuilt_folder.h"

#include <fmt/core.h>

#include <string_view>

#include "base/crash_point.h"

namespace purvey::store::depot {
namespace {

using base::Result;

constexpr std::string_view kLedger = "/state.db";
constexpr std::string_view kLock = "/lock";
constexpr std::string_view kLedgerLog = "/state.db-wal";
// What belongs to one ledger, or is made anew from it: never moved. A log above all must never meet
// a file that it does not belong to.
constexpr std::string_view kNeverMoved[] = {"/facts.duckdb", "/facts.duckdb.wal", "/facts.key",
                                            kLedgerLog, "/state.db-shm"};

Result<void> remove_never_moved(const std::string& folder, base::Disk& disk) {
  for (const std::string_view name : kNeverMoved) {
    PURVEY_TRY(disk.remove(folder + std::string(name)));
  }
  return {};
}

std::string rebuilt_folder(const std::string& folder) {
  return folder + "/rebuilt";
}

Result<bool> exists(const std::string& path, base::Disk& disk) {
  const auto status = PURVEY_TRY(disk.status(path));
  return status.has_value();
}

/// A file, or a folder with all that it holds.
Result<void> remove_all(const std::string& path, base::Disk& disk) {
  const auto status = PURVEY_TRY(disk.status(path));
  if (status && status->is_folder) {
    for (const std::string& name : PURVEY_TRY(disk.list(path))) {
      PURVEY_TRY(remove_all(path + "/" + name, disk));
    }
  }
  return disk.remove(path);
}

Result<void> check_is_closed(const std::string& built, base::Disk& disk) {
  const auto log = PURVEY_TRY(disk.status(built + std::string(kLedgerLog)));
  if (!log || log->bytes == 0) return {};
  return base::unavailable(
      fmt::format("{}: its ledger was not closed well; nothing was changed", built));
}

/// Takes the old ledger's logs away, and everything but the ledger from one folder to the other.
Result<void> move_all_but_ledger(const std::string& rebuilt, const std::string& folder,
                                 base::Disk& disk) {
  PURVEY_TRY(remove_never_moved(folder, disk));
  for (const std::string& name : PURVEY_TRY(disk.list(rebuilt))) {
    if ("/" + name == kLedger) continue;
    PURVEY_TRY(remove_all(folder + "/" + name, disk));
    PURVEY_TRY(disk.rename(rebuilt + "/" + name, folder + "/" + name));
    base::crash_point("rebuilt_while_moving");
  }
  return disk.sync(folder);
}

}  // namespace

std::string rebuild_folder(const std::string& folder) {
  return folder + "/rebuild.new";
}

Result<void> clear_rebuild(const std::string& folder, base::Disk& disk) {
  const std::string built = rebuild_folder(folder);
  return PURVEY_TRY(exists(built, disk)) ? remove_all(built, disk) : Result<void>();
}

Result<void> put_in_place(const std::string& folder, base::Disk& disk) {
  const std::string built = rebuild_folder(folder);
  PURVEY_TRY(check_is_closed(built, disk));
  PURVEY_TRY(remove_never_moved(built, disk));
  PURVEY_TRY(disk.remove(built + std::string(kLock)));
  PURVEY_TRY(disk.sync(built));
  base::crash_point("rebuilt_before_rename");
  PURVEY_TRY(disk.rename(built, rebuilt_folder(folder)));
  const auto finished = finish_replacing(folder, disk);
  if (finished) return {};
  return base::Error{finished.error().code,
                     fmt::format("done, but then: {}; once that is mended, the next command on "
                                 "this data folder finishes it",
                                 finished.error().message)};
}

Result<bool> is_being_replaced(const std::string& folder, base::Disk& disk) {
  return exists(rebuilt_folder(folder), disk);
}

Result<void> finish_replacing(const std::string& folder, base::Disk& disk) {
  const std::string rebuilt = rebuilt_folder(folder);
  if (!PURVEY_TRY(exists(rebuilt, disk))) return {};
  PURVEY_TRY(disk.sync(folder));
  base::crash_point("rebuilt_after_rename");
  // The ledger goes last: as long as it is there, the one in place is the old one.
  if (PURVEY_TRY(exists(rebuilt + std::string(kLedger), disk))) {
    PURVEY_TRY(move_all_but_ledger(rebuilt, folder, disk));
    PURVEY_TRY(disk.rename(rebuilt + std::string(kLedger), folder + std::string(kLedger)));
    base::crash_point("rebuilt_with_its_ledger");
  }
  PURVEY_TRY(disk.sync(folder));
  PURVEY_TRY(disk.remove(rebuilt));
  return disk.sync(folder);
}

}  // namespace purvey::store::depot
