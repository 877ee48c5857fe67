#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "base/event_time.h"
#include "flow/admit/admission.h"

namespace purvey::app {

struct ReplayProgress {
  uint64_t bytes = 0;        ///< of the files, as they lie on the disk
  uint64_t bytes_total = 0;  ///< 0 if unknown
  uint64_t events = 0;
};

struct ReplayOptions {
  std::vector<std::string> files;
  /// The data folder; empty: a temporary one, the published pseudonym key, nothing kept.
  std::string data;
  /// Wall-clock time: events more than ten minutes after it are in the future.
  base::EventTime now;
  std::function<void(const ReplayProgress&)> progress = {};
  /// Called with the folder of the store once everything is committed, before a temporary one goes
  /// away.
  std::function<base::Result<void>(const std::string& folder)> inspect = {};
};

/// A file that was not taken in, because its content was before.
struct KnownInput {
  std::string file;
  std::string known_as;
  uint64_t events = 0;
  std::vector<std::string> purged = {};  ///< sources in it whose events count no more
};

struct ReplaySummary {
  uint64_t events = 0;  ///< received
  double seconds = 0;   ///< from the first byte to the commit; the digest's time is not in it
  flow::VerdictCounts verdicts{};
  uint64_t kpi_rows = 0;
  uint64_t fact_rows = 0;
  uint64_t incidents = 0;  ///< that began firing
  uint64_t unknown_fields = 0;
  uint64_t unconverted =
      0;  ///< amounts without a rate to the base currency, missing from money KPIs
  std::string digest;
  std::vector<KnownInput> known;
};

/// Brings files of events through the whole flow at full speed: three threads read and decode,
/// count and watch, and write facts. All or nothing: what a run found becomes true at its end, and
/// a run that is cut off leaves the folder as it was. Nobody is notified.
///
/// Errors: those of the files (kNotFound, kCorrupt, ...), of the store (kConflict while another
/// process holds the folder, kUnavailable when the disk is full, ...).
base::Result<ReplaySummary> run_replay(const ReplayOptions& options,
                                       const Configuration& configuration);

}  // namespace purvey::app
