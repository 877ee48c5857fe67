#include "app/upkeep_metrics.h"

namespace purvey::app {
namespace {

prometheus::Counter& counter(prometheus::Registry& metrics, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(metrics).Add({});
}

prometheus::Gauge& gauge(prometheus::Registry& metrics, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(metrics).Add({});
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
                        "parts of the archive that could not be merged")),
      dropped_(prometheus::BuildCounter()
                   .Name("purvey_retention_dropped_rows_total")
                   .Help("rows that were dropped, by the key of [retention] that says so")
                   .Register(metrics)),
      folder_bytes_(gauge(metrics, "purvey_data_folder_bytes",
                          "size of the data folder, as it is held against [retention] disk")),
      refuses_(gauge(metrics, "purvey_intake_refused",
                     "1 while events are answered 429 because the data folder is full")) {
  for (const char* cause : {"kpi_minute", "dead_letters", "archive", "disk"}) {
    dropped_.Add({{"cause", cause}});
  }
}

void UpkeepMetrics::show(const store::depot::UpkeepReport& report, bool refuses) {
  for (const auto& [cause, rows] : report.rows_dropped)
    raise(dropped_.Add({{"cause", cause}}), rows);
  folder_bytes_.Set(static_cast<double>(report.folder_bytes));
  refuses_.Set(refuses ? 1 : 0);
  raise(merges_, report.merges);
  raise(rows_rewritten_, report.rows_rewritten);
  raise(bytes_written_, report.bytes_written);
  raise(failures_, report.failures);
}

}  // namespace purvey::app
