#include "app/upkeep_metrics.h"

namespace purvey::app {
namespace {

prometheus::Counter& counter(prometheus::Registry& metrics, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(metrics).Add({});
}

void raise(prometheus::Counter& counter, uint64_t to) {
  counter.Increment(static_cast<double>(to) - counter.Value());
}

}  // namespace

UpkeepMetrics::UpkeepMetrics(prometheus::Registry& metrics)
    : merges_(counter(metrics, "purvey_archive_merges_total",
                      "times that small parts of the archive became one")),
      rows_rewritten_(counter(metrics, "purvey_archive_rows_rewritten_total",
                              "rows that were written again, merging parts of the archive")),
      bytes_written_(counter(metrics, "purvey_archive_rewritten_bytes_total",
                             "size of parts that merging wrote")),
      failures_(counter(metrics, "purvey_archive_upkeep_failures_total",
                        "parts of the archive that could not be merged")) {}

void UpkeepMetrics::show(const store::depot::UpkeepReport& report) {
  raise(merges_, report.merges);
  raise(rows_rewritten_, report.rows_rewritten);
  raise(bytes_written_, report.bytes_written);
  raise(failures_, report.failures);
}

}  // namespace purvey::app
