// Every case of events gets one verdict, whichever door it comes in by: a file, HTTP, a web hook.
// And after each, received is the sum of the verdicts.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "app/replay.h"
#include "serve/http_server.h"
#include "tests/bad_input/case_file.h"
#include "tests/bad_input/data_in_memory.h"
#include "tests/bad_input/doors.h"

namespace purvey::bad_input {
namespace {

enum class Door : uint8_t { kFile, kHttp, kHook, kMappingHook };

std::vector<Case> cases_of(std::string_view reader) {
  std::vector<Case> cases;
  for (Case& each : read_all_cases(PURVEY_SOURCE_DIR "/tests/bad_input")) {
    if (each.reader == reader) cases.push_back(unpacked(std::move(each)));
  }
  return cases;
}

/// `accepted carrier=x` is accepted, `rejected not_json` has its reason.
Outcome outcome_of(std::string_view words) {
  const size_t blank = std::min(words.find(' '), words.size());
  Outcome outcome{std::string(words.substr(0, blank))};
  if (outcome.verdict != "accepted" && blank < words.size())
    outcome.reason = words.substr(blank + 1);
  return outcome;
}

/// Where the verdict on the next event begins: a value may have a semicolon too.
size_t next_verdict(std::string_view verdicts) {
  size_t nearest = verdicts.size();
  for (const std::string_view border : {"; accepted", "; quarantined ", "; rejected "}) {
    nearest = std::min(nearest, verdicts.find(border));
  }
  return nearest;
}

/// What must become of each event of a case at a door.
std::vector<Outcome> expected_of(const Case& given, Door door) {
  std::vector<Outcome> expected;
  std::string_view rest = given.verdict;
  while (!rest.empty() && rest != "nothing") {
    const size_t end = next_verdict(rest);
    expected.push_back(outcome_of(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  for (std::string_view other : given.at_doors) {
    const bool live = other.starts_with("live ");
    const bool mapped = other.starts_with("mapped ");
    if ((live && door == Door::kFile) || (mapped && door != Door::kMappingHook)) continue;
    if (live || mapped) other.remove_prefix(other.find(' ') + 1);
    std::ranges::fill(expected, outcome_of(other));
  }
  return expected;
}

/// Gives events ids of their own, in place of `"id":"e1"` and the like and of the same length: that
/// one case's id is not another's is no part of any of them.
class Ids {
 public:
  std::string fresh(std::string text) {
    constexpr std::string_view kId = "\"id\":\"e";
    for (size_t at = text.find(kId); at != std::string::npos; at = text.find(kId, at + 1)) {
      const size_t id = at + kId.size() - 1;
      if (id + 2 >= text.size() || text[id + 1] < '0' || text[id + 1] > '9' ||
          text[id + 2] != '"') {
        continue;
      }
      text.replace(id, 2, next());
    }
    return text;
  }

 private:
  std::string next() {
    constexpr std::string_view kLetters =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdfghijklmnopqrstuvwxyz";  // no e: see fresh()
    const size_t number = used_++;
    EXPECT_LT(number, kLetters.size() * kLetters.size()) << "no more ids of two letters";
    return {kLetters[number / kLetters.size() % kLetters.size()],
            kLetters[number % kLetters.size()]};
  }

  size_t used_ = 0;
};

/// One event that went in, in order of counting.
struct Sent {
  std::string what;
  Outcome expected;
};

void compare(const std::vector<Sent>& sent, const std::vector<Outcome>& found) {
  ASSERT_EQ(sent.size(), found.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(found[i].text(), sent[i].expected.text()) << sent[i].what;
  }
}

constexpr const char* kSettings =
    "[event]\nallowed_lateness = \"30d\"\ndedupe_horizon = \"400d\"\n"
    "[[hook]]\nname = \"hook\"\nmap = \"map.toml\"\n";

/// Messages that are events already: a hook that changes nothing.
constexpr const char* kPassedOn =
    "[import]\nsource = \"events\"\n[document.event]\ncloudevents = true\n";

/// A server and what was sent to it so far.
class Session {
 public:
  explicit Session(const std::string& map) : server_(kSettings, map) {}

  void send(const std::string& what, std::string_view path, const std::string& body,
            std::string_view type, const std::vector<Outcome>& expected) {
    const auto answer = server_.post(path, body, type);
    if (body.size() > serve::HttpLimits{}.body_bytes) {
      EXPECT_EQ(answer.status, 413) << what;
      return;  // received is what it was, as the next one shows
    }
    check_answer(what, answer, expected);
    Counts wanted = before_;
    wanted.received += expected.size();
    for (const Outcome& outcome : expected) {
      const auto place = std::ranges::find(event::kVerdictNames, outcome.verdict);
      ASSERT_NE(place, event::kVerdictNames.end()) << what;
      ++wanted.by_verdict[static_cast<size_t>(place - event::kVerdictNames.begin())];
      sent_.push_back({what, outcome});
    }
    const Counts counts = server_.counts(wanted.received);
    EXPECT_TRUE(counts.is_conserved()) << what;
    EXPECT_EQ(counts.received, wanted.received) << what;
    EXPECT_EQ(counts.by_verdict, wanted.by_verdict) << what << ": " << answer.body;
    before_ = counts;  // one fault is told once
  }

  /// The reasons of all, which the store knows.
  void finish() {
    server_.stop();
    compare(sent_, outcomes_in(server_.data(), sent_.size()));
  }

  size_t sent() const { return sent_.size(); }

 private:
  static void check_answer(const std::string& what, const serve::Answer& answer,
                           const std::vector<Outcome>& expected) {
    if (expected.empty() && answer.status != 202) {  // a hook takes a list that is empty
      EXPECT_EQ(answer.status, 400) << what;
      EXPECT_NE(answer.body.find("no_events"), std::string::npos) << what << ": " << answer.body;
      return;
    }
    std::vector<std::string> rejected;
    bool at_fault = false;
    for (const Outcome& outcome : expected) {
      if (outcome.verdict != "rejected") continue;
      rejected.push_back(outcome.reason);
      at_fault |= outcome.reason != "not_mapped";  // what a map declines is nobody's fault
    }
    const bool is_taken = rejected.size() < expected.size() || !at_fault;
    EXPECT_EQ(answer.status, is_taken ? 202 : 400) << what << ": " << answer.body;
    simdjson::dom::parser parser;
    simdjson::dom::element told;
    ASSERT_EQ(parser.parse(answer.body).get(told), simdjson::SUCCESS)
        << what << ": " << answer.body;
    std::vector<std::string> reasons;
    for (const simdjson::dom::element each : simdjson::dom::array(told["rejected"])) {
      const std::string reason{std::string_view(each["reason"])};
      reasons.push_back(reason.substr(0, reason.find(':')));
    }
    EXPECT_EQ(reasons, rejected) << what << ": " << answer.body;
  }

  RunningServer server_;
  Counts before_;
  std::vector<Sent> sent_;
};

/// Where a mapping hook has a verdict on each event: its rows are messages, and lines of orders.
bool is_mapped(const Case& given) {
  return given.group != "d4_size" &&
         std::ranges::find(given.at_doors, "mapped not") == given.at_doors.end();
}

/// All cases by one door of a server of its own.
void send_all(Door door, std::string_view path, const std::string& map) {
  Session session(map);
  Ids ids;
  for (const Case& given : cases_of("event")) {
    if (door == Door::kMappingHook && !is_mapped(given)) continue;
    session.send(given.group + "_" + given.name, path, ids.fresh(given.input),
                 "application/x-ndjson", expected_of(given, door));
  }
  fmt::print("{} events\n", session.sent());
  session.finish();
}

TEST(ThreeDoorsTest, http_gives_every_case_its_verdict_and_loses_none) {
  send_all(Door::kHttp, "/api/v1/events", kPassedOn);
}

TEST(ThreeDoorsTest, a_hook_gives_every_case_its_verdict_and_loses_none) {
  send_all(Door::kHook, "/api/v1/hooks/hook", kPassedOn);
}

/// A map that takes every field of every event type from the key of its name.
std::string field_by_field() {
  std::string map =
      "[import]\nsource = \"s\"\n[document.event]\n[document.lines]\n"
      "belongs_to = \"event\"\neach = \"data.lines\"\n";
  for (const event::KindSpec& kind : event::kSchema) {
    map += fmt::format(
        "[[event]]\ntype = \"{0}\"\nfrom = \"event\"\nid = \"{{id}}\"\ntime = \"{{time}}\"\n"
        "when = {{ column = \"type\", is = \"{0}\" }}\n[event.data]\n",
        kind.type);
    const bool has_currency = event::find_field(kind.kind, "currency").has_value();
    for (const event::FieldSpec& field : kind.fields) {
      if (field.type == event::FieldType::kLines) {
        map +=
            fmt::format("lines = {{ each = \"lines\", sku = \"{{sku}}\", qty = \"{{qty}}\"{} }}\n",
                        has_currency ? ", price = \"{price}\"" : "");
      } else if (field.type != event::FieldType::kLabels) {
        map += fmt::format("{0} = \"{{data.{0}}}\"\n", field.name);
      }
    }
  }
  return map;
}

TEST(ThreeDoorsTest, a_hook_that_maps_field_by_field_gives_the_same_verdicts) {
  send_all(Door::kMappingHook, "/api/v1/hooks/hook", field_by_field());
}

TEST(ThreeDoorsTest, messages_of_a_shop_get_their_verdicts_too) {
  std::ifstream file(PURVEY_SOURCE_DIR "/packs/hook/shop.toml");
  Session session({std::istreambuf_iterator<char>(file), {}});
  Ids ids;
  for (const Case& given : cases_of("hook")) {
    session.send(given.group + "_" + given.name, "/api/v1/hooks/hook", ids.fresh(given.input),
                 "application/json", expected_of(given, Door::kHook));
  }
  fmt::print("{} events\n", session.sent());
  session.finish();
}

/// Replays `text` in a new folder, and compares the verdicts.
void replay(const std::string& text, const std::vector<Sent>& sent) {
  const auto folder = app::TemporaryFolder::make();
  ASSERT_TRUE(folder.has_value());
  std::ofstream(folder->path() + "/events.ndjson", std::ios::binary) << text;
  const auto configuration = app::load_configuration({});
  const app::ReplayOptions options{.files = {folder->path() + "/events.ndjson"},
                                   .data = folder->path() + "/data",
                                   .now = door_clock()};
  const auto summary = app::run_replay(options, *configuration);
  ASSERT_TRUE(summary) << summary.error().message;
  ASSERT_EQ(summary->events, sent.size());
  compare(sent, outcomes_in(options.data, sent.size()));
  std::array<uint64_t, event::kVerdicts> wanted{};
  for (const Sent& each : sent) {
    const auto place = std::ranges::find(event::kVerdictNames, each.expected.verdict);
    ++wanted[static_cast<size_t>(place - event::kVerdictNames.begin())];
  }
  EXPECT_EQ(summary->verdicts, wanted);
}

TEST(ThreeDoorsTest, a_file_gives_every_case_its_verdict_and_loses_none) {
  std::string all;
  std::vector<Sent> sent;
  Ids ids;
  for (const Case& given : cases_of("event")) {
    const bool alone = given.input.starts_with("\xEF\xBB\xBF") || given.input.starts_with("\xFF") ||
                       given.input.starts_with("\xFE") || given.input.starts_with("\x1F");
    std::vector<Sent> own;
    for (Outcome& outcome : expected_of(given, Door::kFile)) {
      own.push_back({given.group + "_" + given.name + " by file", std::move(outcome)});
    }
    if (alone) {  // its first bytes say something of the whole file
      replay(given.input, own);
      continue;
    }
    all += ids.fresh(given.input);
    if (!all.ends_with('\n')) all += '\n';
    sent.insert(sent.end(), own.begin(), own.end());
  }
  replay(all, sent);
}

}  // namespace
}  // namespace purvey::bad_input
