#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace purvey::flow {

/// What an import is doing, for a progress bar.
struct ImportProgress {
  enum class Stage : uint8_t {
    kReading,  ///< bytes of the files, as they lie on the disk
    kMaking,   ///< bytes of rows that have found each other and become events
    kWriting,  ///< bytes of events in order of time
  };
  Stage stage = Stage::kReading;  ///< tables that belong together go through the first two in turn
  uint64_t bytes = 0;             ///< done, of the stage
  uint64_t bytes_total = 0;       ///< 0 if unknown, as for pipes
};

struct ImportOptions {
  /// The least and the usual memory. What does not fit goes to nameless temporary files beside
  /// `out`.
  static constexpr size_t kMemoryMin = size_t{1} << 20;
  static constexpr size_t kMemoryUsual = size_t{256} << 20;

  std::string map;                  ///< path of the mapping file
  std::vector<std::string> inputs;  ///< files, or folders whose files are matched by name
  std::string out;                  ///< path of the NDJSON file; appears whole or not at all
  std::string report;               ///< path of the CSV of rejected rows; empty: none
  size_t memory = kMemoryUsual;     ///< bytes, beside about 10 MiB; the output is the same for any
  /// Called now and then; false stops the import, which leaves nothing behind.
  std::function<bool(const ImportProgress&)> progress = {};
};

/// What an import did; rows = mapped + rejected, for each file and in all.
struct ImportSummary {
  struct File {
    std::string path;
    std::string table;  ///< which [file] of the map it is
    uint64_t rows = 0;
    uint64_t rejected = 0;
  };

  uint64_t rows = 0;
  uint64_t mapped = 0;    ///< rows that an event was made of
  uint64_t rejected = 0;  ///< rows in the report
  uint64_t events = 0;
  std::vector<File> files;
  std::vector<std::pair<std::string, uint64_t>> reasons;  ///< of rejection, most frequent first
  std::vector<std::string> ignored;  ///< files of the folders that no [file] of the map matches

  /// `{"files":5,"rows":1,"mapped":1,"rejected":0,"events":3}`.
  std::string json() const;
};

/// Turns files into events by a mapping file (docs/import.md), sorted by time.
///
/// Rows that cannot be used are reported and the rest goes on. Errors: kInvalidInput for a map or a
/// file that does not fit it, kNotFound, kUnavailable, kCorrupt for a damaged file, kExhausted for
/// too many files, kCancelled; then no output is left.
base::Result<ImportSummary> run_import(const ImportOptions& options);

/// Drafts a mapping file for one file: layout, columns, dates and roles by its names and first
/// rows. The draft is commented TOML that loads. Errors: as CsvReader::open().
base::Result<std::string> guess_map(const std::string& path);

}  // namespace purvey::flow
