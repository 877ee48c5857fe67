#include "tests/scenarios/scenario_runner.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <utility>

#include "app/configuration.h"
#include "app/play_journal.h"
#include "app/purge.h"
#include "app/temporary_folder.h"
#include "store/depot/store.h"
#include "tests/scenarios/expectation.h"
#include "tests/scenarios/shop_server.h"

namespace purvey::scenarios {
namespace {

using base::EventTime;
using base::Micros;
using base::Result;

// Few, as each costs about the same: what has nothing to do with each other is tried in one run.
constexpr std::array kModes = {
    Mode{.name = "plain", .plays_journal = true},
    Mode{.name = "restart_after_each_step_two_shards",
         .shards = 2,
         .restarts = true,
         .segment_bytes = 200'000},
    Mode{.name = "tiny_limits_four_shards",
         .shards = 4,
         .threads = true,
         .one_by_one = true,
         .commits = true,
         .small_buffers = true,
         .plays_journal = true,
         .segment_bytes = 150'000},
    Mode{.name = "with_a_source_that_is_purged",
         .shards = 2,
         .commits = true,
         .plays_journal = true,
         .segment_bytes = 150'000,
         .has_noise = true},
};

// A server ticks each second, and every ten seconds when nothing has come for two minutes; over a
// silence of hours a tick a minute carries time on as well.
constexpr std::string_view kNoise = "/noise";
constexpr Micros kTick = std::chrono::seconds(1);
constexpr std::pair<Micros, Micros> kSlowerTicks[] = {
    {std::chrono::hours(1), std::chrono::minutes(1)},
    {std::chrono::minutes(2), std::chrono::seconds(10)},
};

std::string show(const Cells& rows) {
  std::string out;
  for (const auto& row : rows) {
    out += "\n    ";
    for (const auto& cell : row) out += cell.value_or("none") + "  ";
  }
  return out.empty() ? "\n    nothing" : out;
}

std::string show(const ExpectedRows& rows) {
  std::string out;
  for (const auto& row : rows) {
    out += "\n    ";
    for (const ExpectedCell& cell : row) {
      const std::string name = cell.column.empty() ? "" : cell.column + "=";
      out += name + (cell.is_null ? "none" : cell.value) + "  ";
    }
  }
  return out.empty() ? "\n    nothing" : out;
}

class Run {
 public:
  Run(const Scenario& scenario, const Mode& mode, const std::string& folder,
      app::Configuration configuration)
      : scenario_(scenario),
        mode_(mode),
        data_(folder + "/data"),
        configuration_(std::move(configuration)),
        is_noise_apart_(has_raw_lines(scenario)),
        has_noise_(mode.has_noise && !acts_on_letters(scenario)),
        server_(data_, configuration_, mode.segment_bytes),
        clock_(scenario.start) {}

  Result<void> run(Outcome& outcome) {
    outcome_ = &outcome;
    check_names();
    if (!outcome.failures.empty()) return {};
    PURVEY_TRY(server_.start(clock_));
    for (const Step& step : scenario_.steps) {
      if (!std::holds_alternative<ExpectRows>(step.what)) PURVEY_TRY(ask_questions());
      line_ = step.line;
      PURVEY_TRY(std::visit([&](const auto& what) { return take(what); }, step.what));
      PURVEY_TRY(end_step());
    }
    PURVEY_TRY(ask_questions());
    PURVEY_TRY(flush());
    if (!server_.is_up()) PURVEY_TRY(server_.start(clock_));
    PURVEY_TRY(server_.stop(clock_));
    PURVEY_TRY(purge_noise());
    const auto store = PURVEY_TRY(store::depot::Store::open({.folder = data_, .read_only = true}));
    outcome.digest = PURVEY_TRY(store->digest());
    if (!mode_.plays_journal) return {};
    outcome.digest_of_journal =
        PURVEY_TRY(app::replay_journal(data_ + "/journal", "", configuration_)).digest;
    return {};
  }

  uint32_t line() const { return line_; }

 private:
  void fail(const std::string& what) {
    outcome_->failures.push_back(fmt::format("{}:{}: {}", scenario_.file, line_, what));
  }

  static bool has_raw_lines(const Scenario& scenario) {
    return std::any_of(scenario.steps.begin(), scenario.steps.end(), [](const Step& step) {
      const auto* const send = std::get_if<Send>(&step.what);
      return send != nullptr && send->is_raw;
    });
  }

  /// With noise there may be other dead letters at the time, as it moves time on.
  static bool acts_on_letters(const Scenario& scenario) {
    return std::any_of(scenario.steps.begin(), scenario.steps.end(),
                       [](const Step& step) { return std::holds_alternative<Operate>(step.what); });
  }

  /// Expectations that nothing is there must not rest on a misspelt name.
  void check_names() {
    for (const Step& step : scenario_.steps) {
      line_ = step.line;
      const auto* const rows = std::get_if<ExpectRows>(&step.what);
      if (rows == nullptr) continue;
      const auto& kpis = configuration_.pack->kpis;
      if (!rows->kpi.empty() && std::none_of(kpis.begin(), kpis.end(), [&](const auto& kpi) {
            return kpi.name == rows->kpi;
          })) {
        fail(fmt::format("the pack has no KPI {}; docs/data.md lists them", rows->kpi));
      }
      if (!rows->rule.empty() && configuration_.rules->find(rows->rule) == nullptr) {
        fail(fmt::format("no rule {} is in force; write it under settings", rows->rule));
      }
    }
  }

  // --- steps ---

  Result<void> take(const Send& send) {
    const EventTime to = send.clock == base::kNever ? clock_ : std::max(send.clock, clock_);
    PURVEY_TRY(move_clock(to));
    has_sent_ = true;
    acted_ = true;
    if (has_noise_) {
      // Before the others: in a message of its own, or in theirs.
      const bool is_apart = is_noise_apart_ || noises_ % 2 == 0;
      if (is_apart) PURVEY_TRY(flush());
      for (std::string& line : noise()) waiting_.push_back(std::move(line));
      if (is_apart) PURVEY_TRY(flush());
    }
    for (const std::string& line : send.lines) {
      waiting_.push_back(line);
      if (mode_.one_by_one) PURVEY_TRY(flush());
    }
    return {};
  }

  Result<void> take(const Advance& advance) {
    const EventTime to = advance.to == base::kNever ? clock_ + advance.by : advance.to;
    if (to < clock_) {
      fail(fmt::format("the clock stands at {} already", sql_time(clock_)));
      return {};
    }
    acted_ = true;
    PURVEY_TRY(move_clock(to));
    return last_tick_ == to ? Result<void>() : tick(to);
  }

  Result<void> take(const Fate& fate) {
    PURVEY_TRY(flush());
    switch (fate) {
      case Fate::kRestart:
        server_.kill();
        return server_.start(clock_);
      case Fate::kKill:
        server_.kill();
        return {};
      case Fate::kStop:
        return server_.stop(clock_);
      case Fate::kStart:
        return server_.start(clock_);
      case Fate::kCommit:
        return server_.commit();
    }
    return {};
  }

  Result<void> take(const Operate& what) {
    PURVEY_TRY(flush());
    acted_ = true;
    return server_.operate(what, clock_);
  }

  Result<void> take(const PurgeSource& what) {
    PURVEY_TRY(flush());
    acted_ = true;
    return server_.purge(what.source, clock_);
  }

  /// Asked together with those on the next lines: each question opens the store anew.
  Result<void> take(const ExpectRows& expected) {
    if (!has_noise_) questions_.push_back({line_, &expected});
    return {};
  }

  Result<void> take(const ExpectVerdict& expected) {
    PURVEY_TRY(flush());
    if (has_noise_) return {};
    const std::string last = server_.last_verdict(expected.source, expected.id);
    if (last != expected.verdict) {
      fail(fmt::format("expected {} {} to be {}, found {}", expected.source, expected.id,
                       expected.verdict, last.empty() ? "no such event" : last));
    }
    // These are kept with the id; the others are told of one copy of it.
    for (const std::string_view kept : {"accepted", "late", "quarantined"}) {
      if (expected.verdict != kept) continue;
      const std::string remembered = server_.remembered_verdict(expected.source, expected.id);
      if (remembered != kept) {
        fail(fmt::format("{} {} is remembered as \"{}\", not {}", expected.source, expected.id,
                         remembered, kept));
      }
    }
    return {};
  }

  Result<void> take(const ExpectSameResults&) { return {}; }

  Result<void> end_step() {
    if (!std::exchange(acted_, false) || !server_.is_up()) return {};
    if (mode_.restarts || mode_.commits) PURVEY_TRY(flush());
    if (mode_.commits) PURVEY_TRY(server_.commit());
    if (!mode_.restarts) return {};
    if (++restarts_ % 2 == 0) PURVEY_TRY(server_.commit());
    server_.kill();
    return server_.start(clock_);
  }

  // --- noise: what another source sends, to be purged at the end ---

  /// Events of the same orders, articles and series as the scenario's own; also some that repeat
  /// themselves, conflict, are impossible or cannot be read.
  std::vector<std::string> noise() {
    static constexpr std::string_view kEvents[] = {
        R"("type":"order.placed","data":{"order_id":"o1","customer_id":"c1","amount":7,"lines":[]})",
        R"("type":"order.cancelled","data":{"order_id":"o2"})",
        R"("type":"order.delivered","data":{"order_id":"o1"})",
        R"("type":"stock.level","data":{"sku":"s1","warehouse":"w1","on_hand":3})",
        R"("type":"catalog.sku","data":{"sku":"s1","brand":"noise","cost":9})",
        R"("type":"metric.sample","data":{"name":"temperature","value":99,"unit":"C"})",
        R"("type":"behavior.visited","data":{"customer_id":"c1","session":"v1"})",
        R"("type":"stock.level","data":{"sku":"s1","warehouse":"w1","on_hand":-3})",
        R"("type":"order.placed","data":{})",
    };
    std::vector<std::string> lines;
    for (int i = 0; i < 3; ++i, ++noises_) {
      // Every eighth id comes twice: with the same, or with something else.
      const int id = noises_ % 8 == 7 ? noises_ - 1 - noises_ % 2 : noises_;
      lines.push_back(
          fmt::format(R"({{"specversion":"1.0","source":"{}","id":"{}","time":"{}",{}}})", kNoise,
                      id, base::format_rfc3339(clock_),
                      kEvents[static_cast<size_t>(noises_) % std::size(kEvents)]));
    }
    return lines;
  }

  Result<void> purge_noise() {
    if (noises_ == 0) return {};
    const auto purge = PURVEY_TRY(
        app::Purge::prepare({.data = data_, .source = std::string(kNoise)}, configuration_));
    PURVEY_TRY(purge->run({}));
    return {};
  }

  // --- questions ---

  Result<void> ask_questions() {
    if (questions_.empty()) return {};
    PURVEY_TRY(flush());
    if (server_.is_up()) PURVEY_TRY(server_.commit_news());
    std::vector<ExpectRows> asked;
    for (const auto& [line, expected] : questions_) asked.push_back(*expected);
    const auto answers = server_.ask(question_for(asked));
    if (!answers) return find_bad_question();
    auto found = split_answers(*answers, asked);
    for (size_t i = 0; i < asked.size(); ++i) {
      line_ = questions_[i].line;
      if (!is_met(asked[i], found[i])) PURVEY_TRY(fail_with(asked[i], found[i]));
    }
    questions_.clear();
    return {};
  }

  /// Asks one by one, so that the error is told of its line.
  Result<void> find_bad_question() {
    for (const auto& [line, expected] : questions_) {
      line_ = line;
      PURVEY_TRY(server_.ask(question_for({*expected})));
    }
    return base::invalid_input("the question fails only beside those around it");
  }

  Result<void> fail_with(const ExpectRows& expected, const Cells& found) {
    std::string nearby;
    if (!expected.nearby.empty()) {
      nearby = "\n  There is:" + show(PURVEY_TRY(server_.ask(expected.nearby)));
    }
    fail(fmt::format("\n  Expected:{}\n  Found:{}{}", show(expected.rows), show(found), nearby));
    return {};
  }

  // --- the clock ---

  Result<void> move_clock(EventTime to) {
    if (to == clock_) return {};
    PURVEY_TRY(flush());
    if (has_sent_ && server_.is_up()) {
      for (EventTime next = next_tick(); next <= to; next = next_tick()) PURVEY_TRY(tick(next));
    } else {
      last_tick_ = to;
    }
    clock_ = to;
    return {};
  }

  EventTime next_tick() const {
    const Micros silence = last_tick_ - last_arrival_;
    for (const auto& [after, every] : kSlowerTicks) {
      if (silence >= after) return last_tick_ + every;
    }
    return last_tick_ + kTick;
  }

  Result<void> tick(EventTime at) {
    last_tick_ = at;
    return server_.is_up() ? server_.tick(at) : Result<void>();
  }

  /// Sends what waits, as one message.
  Result<void> flush() {
    if (waiting_.empty()) return {};
    last_arrival_ = clock_;
    if (last_tick_ == base::kNever) last_tick_ = clock_;
    return server_.send(std::exchange(waiting_, {}), clock_);
  }

  const Scenario& scenario_;
  const Mode& mode_;
  const std::string data_;
  const app::Configuration configuration_;
  /// Lines without a source go with the last one of their message.
  const bool is_noise_apart_;
  const bool has_noise_;  ///< expectations are of no meaning: at the end the digest is
  ShopServer server_;
  Outcome* outcome_ = nullptr;

  EventTime clock_;
  EventTime last_tick_ = base::kNever;
  EventTime last_arrival_ = base::kNever;
  struct Question {
    uint32_t line;
    const ExpectRows* expected;
  };
  std::vector<Question> questions_;   ///< not yet asked
  std::vector<std::string> waiting_;  ///< events that arrive at clock_
  bool has_sent_ = false;             ///< any event yet: ticks before the first say nothing
  bool acted_ = false;                ///< since the last step: more than an expectation
  int restarts_ = 0;
  int noises_ = 0;  ///< events sent by kNoise
  uint32_t line_ = 0;
};

Result<app::Configuration> configure(const Scenario& scenario, const Mode& mode,
                                     const std::string& folder) {
  for (const auto& [name, text] : scenario.files) {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
  }
  std::string settings = scenario.settings;
  if (mode.small_buffers && settings.find("[store]") == std::string::npos) {
    settings += "\n[store]\nrows_buffered = 1000\n";
  }
  std::ofstream(folder + "/purvey.toml", std::ios::binary) << settings;
  auto configuration = PURVEY_TRY(app::load_configuration(folder + "/purvey.toml"));
  configuration.shards = {.shards = mode.shards, .threads = mode.threads};
  return configuration;
}

}  // namespace

std::span<const Mode> all_modes() {
  return kModes;
}

Outcome run_scenario(const Scenario& scenario, const Mode& mode) {
  Outcome outcome;
  const auto folder = app::TemporaryFolder::make();
  if (!folder) return {.failures = {folder.error().message}};
  auto configuration = configure(scenario, mode, folder->path());
  if (!configuration) {
    return {.failures = {
                fmt::format("{}: settings: {}", scenario.file, configuration.error().message)}};
  }
  Run run(scenario, mode, folder->path(), *std::move(configuration));
  const auto done = run.run(outcome);
  if (!done) {
    outcome.failures.push_back(
        fmt::format("{}:{}: {}", scenario.file, run.line(), done.error().message));
  }
  return outcome;
}

}  // namespace purvey::scenarios
