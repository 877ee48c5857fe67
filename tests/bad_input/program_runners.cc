#include "tests/bad_input/program_runners.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "app/configuration.h"
#include "app/replay.h"
#include "app/temporary_folder.h"
#include "base/check.h"
#include "event/verdict.h"
#include "flow/metric/pack.h"
#include "store/depot/store.h"
#include "store/result/writers.h"
#include "tests/bad_input/data_in_memory.h"
#include "tests/bad_input/runners.h"

namespace purvey::bad_input {
namespace {

using event::Verdict;

constexpr std::string_view kFlowSettings = "[[clean]]\nname = \"t\"\nunit = \"C\"\n";

std::string write_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::vector<std::string> write_files(const std::string& folder, std::string_view input) {
  constexpr std::string_view kBorder = " ~ ";
  std::vector<std::string> paths;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = input.find(kBorder);
    paths.push_back(
        write_file(fmt::format("{}/{}.ndjson", folder, paths.size()), input.substr(0, end)));
    if (end != std::string_view::npos) input.remove_prefix(end + kBorder.size());
  }
  return paths;
}

/// The rows of an answer, between `; `, without its header.
std::string ask(store::depot::Store& store, const std::string& sql) {
  std::string rows;
  const auto writer = store::result::make_csv_writer([&](std::string_view bytes) {
    rows.append(bytes);
    return base::Result<void>();
  });
  const auto end = store.query(sql, {}, *writer);
  if (!end) return "broken: " + end.error().message;
  (void)writer->finish();
  std::erase(rows, '\r');
  std::string out;
  for (size_t at = rows.find('\n') + 1; at < rows.size(); at = rows.find('\n', at) + 1) {
    out += (out.empty() ? "" : "; ") + rows.substr(at, rows.find('\n', at) - at);
  }
  return out;
}

uint64_t count_of(const app::ReplaySummary& summary, Verdict verdict) {
  return summary.verdicts[static_cast<size_t>(verdict)];
}

/// What the store says of the events taken in, or what it breaks.
std::string taken_in(const app::ReplaySummary& summary, const std::string& data) {
  auto store = store::depot::Store::open({.folder = data, .read_only = true});
  if (!store) return "broken: " + store.error().message;
  const uint64_t refused = count_of(summary, Verdict::kConflict) +
                           count_of(summary, Verdict::kQuarantined) +
                           count_of(summary, Verdict::kRejected);
  if (ask(**store, "select count(*) from dead_letter") != fmt::format("{}", refused)) {
    return "broken: not one dead letter for each refused event";
  }
  if (ask(**store, "select coalesce(sum(n), 0)::bigint from quality") !=
      fmt::format("{}", summary.events)) {
    return "broken: the sum of the verdicts is not what was received";
  }
  return ask(**store,
             "select trim(concat(sum(n)::bigint, ' ', verdict, ' ', reason)) from quality "
             "group by verdict, reason order by verdict, reason");
}

}  // namespace

std::string run_flow(const Case& given) {
  const auto now = base::parse_rfc3339("2026-06-01T00:00:00Z");
  const auto folder = app::TemporaryFolder::make();
  PURVEY_CHECK(now && folder, "no clock or no folder");
  const auto configuration =
      app::load_configuration(write_file(folder->path() + "/purvey.toml", kFlowSettings));
  PURVEY_CHECK(configuration.has_value(), "the settings of the flow cases are wrong");
  const app::ReplayOptions options{.files = write_files(folder->path(), given.input),
                                   .data = folder->path() + "/data",
                                   .now = *now};
  const auto first = app::run_replay(options, *configuration);
  if (!first) return fmt::format("error {}", base::error_code_name(first.error().code));
  std::string outcome = taken_in(*first, options.data);
  if (!first->known.empty()) {
    outcome += fmt::format("{}{} known", outcome.empty() ? "" : "; ", first->known.size());
  }
  // For one case in three: what it costs is most of the test's time, and it hardly depends on the
  // case.
  if (given.name.size() % 3 != 0) return outcome.empty() ? "nothing" : outcome;
  const auto second = app::run_replay(options, *configuration);
  if (!second || second->events != 0 || second->digest != first->digest) {
    return "broken: the same files a second time change something";
  }
  return outcome.empty() ? "nothing" : outcome;
}

std::string run_configuration(const Case& given) {
  const auto folder = app::TemporaryFolder::make();
  PURVEY_CHECK(folder.has_value(), "no folder");
  const std::string path = write_file(folder->path() + "/input.toml", given.input);
  const std::filesystem::path packs = PURVEY_SOURCE_DIR "/packs";
  std::filesystem::copy(packs / "hook" / "shop.toml", folder->path());
  std::filesystem::copy(packs / "import" / "scms.toml", folder->path());
  const auto configuration = app::load_configuration(path);
  if (configuration) return "loads";
  const std::string& message = configuration.error().message;
  const std::string first = message.substr(0, message.find('\n'));
  if (!first.starts_with(folder->path() + "/")) return "broken: no place in: " + first;
  return refusal_of(first.substr(folder->path().size() + 1), given.verdict);
}

std::string run_pack(const Case& given) {
  const auto document = base::parse_toml(given.input, "input.toml");
  if (!document) return refusal_of(document.error().message, given.verdict);
  const auto pack = flow::read_pack(*document);
  return pack ? "loads" : refusal_of(pack.error().message, given.verdict);
}

}  // namespace purvey::bad_input
