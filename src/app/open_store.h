#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/configuration.h"
#include "base/disk.h"
#include "store/depot/store.h"

namespace purvey::app {

/// What a commit says of the settings that hold for all that a folder counts.
inline constexpr std::string_view kZoneKey = "timezone";
inline constexpr std::string_view kBaseCurrencyKey = "base_currency";
/// The record of the journal that comes next where a server stopped, 0 where it goes on or was
/// killed: then results lack what came after the commit, and windows that were open.
inline constexpr std::string_view kJournalRecordKey = "journal_record";

/// What a data folder stands on: the machine's disk and DuckDB, unless a test brings others.
struct Ground {
  base::Disk* disk = &base::Disk::system();
  const store::facts::Engine* engine = &store::facts::Engine::duckdb();
};

/// Opens the store in `folder` with the zone and the limits of `[store]`. Windows and sums of one
/// folder are of one zone and one currency. Errors: those of Store::open(); kConflict if the folder
/// counts in another zone or currency than the settings say.
base::Result<std::unique_ptr<store::depot::Store>> open_store(const std::string& folder,
                                                              const Configuration& configuration,
                                                              const Ground& ground = {});

}  // namespace purvey::app
