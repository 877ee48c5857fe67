#include "flow/import/import.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/file.h"
#include "base/whole_file.h"
#include "flow/import/event_maker.h"
#include "flow/import/event_writer.h"
#include "flow/import/import_map.h"
#include "flow/import/input_files.h"
#include "flow/import/joiner.h"
#include "flow/import/reject_report.h"
#include "flow/import/row_reader.h"
#include "flow/import/thing_builder.h"

namespace purvey::flow {
namespace {

using Stage = ImportProgress::Stage;

/// The shares of the budget. At most two joins and the events are held at once: one join is taken
/// from while the next is filled.
constexpr size_t kJoinShare = 4;
constexpr size_t kEventShare = 4;
constexpr size_t kIdShare = 8;
constexpr size_t kSmallShare = 32;
static_assert(2.0 / kJoinShare + 1.0 / kEventShare + 1.25 / kIdShare + 2.0 / kSmallShare <= 1.0);

/// One run of an import: the parts wired together.
class Import {
 public:
  Import(const ImportOptions& options, const ImportMap& map, InputFiles files)
      : options_(options),
        map_(map),
        files_(std::move(files)),
        memory_(std::max(options.memory, ImportOptions::kMemoryMin)),
        folder_(base::folder_of(options.out)),
        report_(folder_, memory_ / kSmallShare),
        writer_(folder_, memory_ / kEventShare, memory_ / kIdShare),
        maker_(map_, writer_, report_, folder_, memory_ / kSmallShare),
        reader_(map_, files_.files, report_, [this](uint64_t bytes, uint64_t) {
          return show(Stage::kReading, bytes, bytes_total_);
        }) {
    for (const InputFile& file : files_.files) bytes_total_ += file.bytes;
  }

  base::Result<ImportSummary> run() {
    base::WholeFile out(options_.out);
    base::WholeFile report(options_.report);
    const bool reports = !options_.report.empty();
    PURVEY_TRY(out.open());  // both before hours of work
    if (reports) PURVEY_TRY(report.open());
    PURVEY_TRY(make_events());
    std::vector<std::string> paths;
    for (const InputFile& file : files_.files) paths.push_back(file.path);
    ImportSummary summary;
    summary.events = PURVEY_TRY(writer_.write(out, report_, paths, progress(Stage::kWriting)));
    fill(summary, PURVEY_TRY(report_.write(reports ? &report : nullptr, paths)));
    PURVEY_TRY(out.sync());  // what can fail comes before the first name
    if (reports) PURVEY_TRY(report.commit());
    PURVEY_TRY(out.commit());
    return summary;
  }

 private:
  base::Result<void> make_events() {
    Joiner joiner(map_, reader_, report_, folder_, memory_ / kJoinShare);
    for (uint32_t table = 0; table < map_.tables.size(); ++table) {
      if (map_.tables[table].role != TableSpec::Role::kMain) continue;
      PURVEY_TRY(ThingBuilder(map_, joiner, maker_, folder_, memory_ / kJoinShare,
                              progress(Stage::kMaking))
                     .build(table));
    }
    return maker_.settle_lookups();
  }

  void fill(ImportSummary& summary, RejectReport::Totals totals) {
    const auto& rows = reader_.rows_by_file();
    summary.rows = std::accumulate(rows.begin(), rows.end(), uint64_t{0});
    summary.rejected = totals.rejected;
    summary.mapped = maker_.mapped_rows() - totals.taken_back;
    PURVEY_CHECK(summary.rows == summary.mapped + summary.rejected,
                 fmt::format("{} rows, but {} mapped and {} rejected", summary.rows, summary.mapped,
                             summary.rejected));
    for (size_t i = 0; i < files_.files.size(); ++i) {
      const InputFile& file = files_.files[i];
      summary.files.push_back(
          {file.path, map_.tables[file.table].name, rows[i], totals.by_file[i]});
    }
    summary.reasons = std::move(totals.reasons);
    summary.ignored = std::move(files_.ignored);
  }

  bool show(Stage stage, uint64_t bytes, uint64_t total) {
    return !options_.progress || options_.progress({stage, bytes, total});
  }
  ByteProgress progress(Stage stage) {
    return [this, stage](uint64_t bytes, uint64_t total) { return show(stage, bytes, total); };
  }

  const ImportOptions& options_;
  const ImportMap& map_;
  InputFiles files_;
  const size_t memory_;
  const std::string folder_;
  uint64_t bytes_total_ = 0;
  RejectReport report_;
  EventWriter writer_;
  EventMaker maker_;
  RowReader reader_;
};

/// What is written must not be what is read, nor the other output.
base::Result<void> check_outputs(const ImportOptions& options, const InputFiles& files) {
  std::vector<std::string> read = {options.map};
  for (const InputFile& file : files.files) read.push_back(file.path);
  for (const std::string& out : {options.out, options.report}) {
    for (const std::string& path : read) {
      if (out.empty() || !base::is_same_file(out, path)) continue;
      return base::invalid_input(
          fmt::format("{}: would be read and written at once; name another output", out));
    }
  }
  if (options.report.empty() || !base::is_same_file(options.out, options.report)) return {};
  return base::invalid_input(fmt::format(
      "{}: would be the events and the report at once; name another one", options.report));
}

}  // namespace

std::string ImportSummary::json() const {
  return fmt::format(R"({{"files":{},"rows":{},"mapped":{},"rejected":{},"events":{}}})",
                     files.size(), rows, mapped, rejected, events);
}

base::Result<ImportSummary> run_import(const ImportOptions& options) {
  const auto map = PURVEY_TRY(read_import_map(options.map));
  if (map.of_documents) {
    return base::invalid_input(fmt::format(
        "{}: is a map of documents, for [[hook]]; an import takes one with [file.NAME]", map.file));
  }
  auto files = PURVEY_TRY(find_input_files(map, options.inputs));
  PURVEY_TRY(check_outputs(options, files));
  return Import(options, map, std::move(files)).run();
}

}  // namespace purvey::flow
