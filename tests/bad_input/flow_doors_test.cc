// What only a whole flow can tell (twice, in conflict, from the future), told the same by HTTP and
// by a hook as by a replay of files; and after each case, received is the sum of the verdicts.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/bad_input/case_file.h"
#include "tests/bad_input/data_in_memory.h"
#include "tests/bad_input/doors.h"

namespace purvey::bad_input {
namespace {

constexpr const char* kSettings =
    "[event]\nallowed_lateness = \"30d\"\ndedupe_horizon = \"400d\"\n"
    "[[clean]]\nname = \"t\"\nunit = \"C\"\n"
    "[[hook]]\nname = \"hook\"\nmap = \"map.toml\"\n";
constexpr const char* kPassedOn =
    "[import]\nsource = \"events\"\n[document.event]\ncloudevents = true\n";

/// How many events got which verdict for which reason, `accepted` and `rejected not_json` as words.
using Tally = std::map<std::string, uint64_t>;

/// `2 accepted; 1 duplicate same_id`
Tally tally_of(std::string_view words) {
  Tally tally;
  while (!words.empty() && words != "nothing") {
    const size_t end = std::min(words.find("; "), words.size());
    const std::string_view part = words.substr(0, end);
    const size_t blank = part.find(' ');
    tally[std::string(part.substr(blank + 1))] += std::stoull(std::string(part.substr(0, blank)));
    words.remove_prefix(std::min(end + 2, words.size()));
  }
  return tally;
}

Tally expected_of(const Case& given) {
  constexpr std::string_view kLive = "live ";
  for (const std::string& other : given.at_doors) {
    if (other.starts_with(kLive)) return tally_of(other.substr(kLive.size()));
  }
  return tally_of(given.verdict);
}

/// The files of a case, their source another one for each: what one of them brings is no matter of
/// the next.
std::vector<std::string> files_of(const Case& given, size_t number) {
  constexpr std::string_view kBorder = " ~ ";
  constexpr std::string_view kSource = "\"/s\"";
  std::string text = given.input;
  for (size_t at = 0; (at = text.find(kSource, at)) != text.npos;) {
    text.replace(at, kSource.size(), fmt::format("\"/s.{}\"", number));
  }
  std::vector<std::string> files;
  for (size_t end = 0; end != text.npos;) {
    end = text.find(kBorder);
    files.push_back(text.substr(0, end));
    if (end != text.npos) text.erase(0, end + kBorder.size());
  }
  return files;
}

/// The rows that each case made, from the one `first` on.
struct Rows {
  std::string what;
  size_t first;
  size_t count;
  Tally expected;
};

void send_all(std::string_view path) {
  RunningServer server(kSettings, kPassedOn, base::parse_rfc3339("2026-06-01T00:00:00Z").value());
  std::vector<Rows> sent;
  Counts wanted;
  for (const Case& each : read_all_cases(PURVEY_SOURCE_DIR "/tests/bad_input")) {
    if (each.reader != "flow") continue;
    const Case given = unpacked(each);
    Rows rows{given.name, wanted.received, 0, expected_of(given)};
    for (const auto& [outcome, count] : rows.expected) {
      const auto verdict = std::string_view(outcome).substr(0, outcome.find(' '));
      const auto place = std::ranges::find(event::kVerdictNames, verdict);
      ASSERT_NE(place, event::kVerdictNames.end()) << given.name << ": " << outcome;
      wanted.by_verdict[static_cast<size_t>(place - event::kVerdictNames.begin())] += count;
      rows.count += count;
    }
    wanted.received += rows.count;
    for (const std::string& file : files_of(given, sent.size())) {
      server.post(path, file, "application/x-ndjson");
    }
    const Counts counts = server.counts(wanted.received);
    EXPECT_TRUE(counts.is_conserved()) << given.name;
    ASSERT_EQ(counts.received, wanted.received) << given.name;
    EXPECT_EQ(counts.by_verdict, wanted.by_verdict) << given.name;
    wanted = counts;  // one fault is told once
    sent.push_back(std::move(rows));
  }
  fmt::print("{} cases, {} events\n", sent.size(), wanted.received);
  server.stop();
  const auto outcomes = outcomes_in(server.data(), wanted.received);
  for (const Rows& rows : sent) {
    Tally found;
    for (size_t i = rows.first; i < rows.first + rows.count; ++i) ++found[outcomes[i].text()];
    // The store keeps no reason of what counts, nor of what came before.
    Tally expected;
    for (const auto& [outcome, count] : rows.expected) {
      const bool is_kept = !outcome.starts_with("duplicate") && !outcome.starts_with("late");
      expected[is_kept ? outcome : "accepted"] += count;
    }
    EXPECT_EQ(found, expected) << rows.what;
  }
}

TEST(FlowDoorsTest, http_gives_every_case_its_verdicts) {
  send_all("/api/v1/events");
}

TEST(FlowDoorsTest, a_hook_gives_every_case_its_verdicts) {
  send_all("/api/v1/hooks/hook");
}

}  // namespace
}  // namespace purvey::bad_input
