// simulation: seeded runs of the whole flow, and crash points tried one by one. See README.md
// beside this file.

#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "world.h"

namespace purvey::simulation {
namespace {

constexpr const char* kUsage = R"txt(usage: simulation seeds FROM COUNT [--twice]
       simulation crashes FROM COUNT
       simulation cents FROM COUNT
       simulation seed N [--small] [--verbose]
       simulation crash N STEP WAY

  seeds    COUNT seeded runs from seed FROM on; --twice runs each again, which must do the same
  crashes  COUNT crash points: small runs from seed FROM on, each stopped at one step after the other of its disk
  cents    COUNT pairs of small runs, in one of which an order is 0.01 dearer: their digests must differ
  seed     one run again
  crash    one crash point again, as a failure prints it

exit status: 0 all is well, 1 something failed (a line says how to see it again), 2 bad usage
)txt";

constexpr std::chrono::seconds kToldEvery{10};

struct Totals {
  uint64_t planned = 1;
  std::chrono::steady_clock::time_point told = std::chrono::steady_clock::now();
  uint64_t runs = 0;
  uint64_t failures = 0;
  uint64_t events = 0;
  uint64_t steps = 0;
  uint64_t lives = 0;
  uint64_t crashes = 0;
  uint64_t faults = 0;
  uint64_t merges = 0;

  void add(const Outcome& outcome) {
    ++runs;
    failures += outcome.problem ? 1 : 0;
    events += outcome.events;
    steps += outcome.steps;
    lives += outcome.lives;
    crashes += outcome.crashes;
    faults += outcome.faults;
    merges += outcome.merges;
    const auto now = std::chrono::steady_clock::now();
    if (now - told < kToldEvery) return;
    told = now;
    fmt::print(stderr, "{} of {} runs, {} failed\n", runs, planned, failures);
  }
  int report() const {
    fmt::print(
        "{} runs, {} failed: {} events, {} steps of the disk, {} starts, {} crashes, {} faults, {} "
        "merges\n",
        runs, failures, events, steps, lives, crashes, faults, merges);
    return failures == 0 ? 0 : 1;
  }
};

void tell(const Outcome& outcome, const std::string& how) {
  if (!outcome.problem) return;
  fmt::print("FAILED, again: simulation {}: {}\n", how, *outcome.problem);
  std::fflush(stdout);
}

int run_seeds(uint64_t from, uint64_t count, bool twice) {
  Totals totals{.planned = count};
  for (uint64_t seed = from; seed < from + count; ++seed) {
    Outcome outcome = run({.seed = seed});
    if (twice && !outcome.problem) {
      const Outcome again = run({.seed = seed});
      const bool is_same = again.trace == outcome.trace && again.digest == outcome.digest;
      if (!is_same) outcome.problem = "the same seed did something else the second time";
    }
    tell(outcome, fmt::format("seed {}", seed));
    totals.add(outcome);
  }
  return totals.report();
}

/// Ways to crash at one step: what survives, whether it is the process alone, and what follows.
constexpr uint64_t kWays = 4 * kSurvivals;

/// The lives of the run that crashes at `step` in that way.
std::vector<Disturbance> crash_lives(uint64_t step, uint64_t way) {
  using Kind = Disturbance::Kind;
  const auto survival = static_cast<Survival>(way % kSurvivals);
  const Disturbance cut{.kind = Kind::kPowerCut, .at = step, .survival = survival};
  const uint64_t soon = base::mix64(step, way) % 60 + 1;
  switch (way / kSurvivals) {
    case 0:  // a power cut
      return {cut};
    case 1:  // and another one while it recovers
      return {cut, {.kind = Kind::kPowerCut, .at = soon, .survival = survival}};
    case 2:  // the process is killed, and then the power goes
      return {{.kind = Kind::kKill, .at = step},
              {.kind = Kind::kPowerCut, .at = soon, .survival = survival}};
    default:  // fsync fails, and then the power goes
      return {{.kind = Kind::kFault, .at = step, .fault = Fault::kFailedSync},
              {.kind = Kind::kPowerCut, .at = soon * 2, .survival = survival}};
  }
}

Outcome run_crash(uint64_t seed, uint64_t step, uint64_t way, bool verbose = false) {
  return run(
      {.seed = seed, .small = true, .disturbances = crash_lives(step, way), .verbose = verbose});
}

int run_crashes(uint64_t from, uint64_t count) {
  Totals totals{.planned = count};
  for (uint64_t seed = from; totals.runs < count; ++seed) {
    const Outcome calm =
        run({.seed = seed, .small = true, .disturbances = std::vector<Disturbance>()});
    tell(calm, fmt::format("crash {} 0 0", seed));
    if (calm.problem) return 1;
    for (uint64_t step = 1; step <= calm.first_life_steps && totals.runs < count; ++step) {
      const uint64_t way = base::mix64(seed, step) % kWays;
      const Outcome outcome = run_crash(seed, step, way);
      tell(outcome, fmt::format("crash {} {} {}", seed, step, way));
      totals.add(outcome);
    }
  }
  return totals.report();
}

int run_cents(uint64_t from, uint64_t count) {
  Totals totals{.planned = count};
  for (uint64_t seed = from; seed < from + count; ++seed) {
    const std::vector<Disturbance> calm;
    const Outcome right = run({.seed = seed, .small = true, .disturbances = calm});
    Outcome off =
        run({.seed = seed, .small = true, .disturbances = calm, .mutation = Mutation::kCent});
    if (!off.problem) off.problem = right.problem;
    if (!off.problem && off.digest == right.digest) off.problem = "a cent more changes no digest";
    tell(off, fmt::format("cents {} 1", seed));
    totals.add(off);
  }
  return totals.report();
}

int run_one(const Outcome& outcome) {
  if (outcome.problem) fmt::print("FAILED: {}\n", *outcome.problem);
  Totals totals;
  totals.add(outcome);
  return totals.report();
}

std::optional<uint64_t> number_of(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int bad_usage() {
  fmt::print(stderr, "{}", kUsage);
  return 2;
}

int main_of(const std::vector<std::string_view>& words) {
  std::vector<uint64_t> numbers;
  bool twice = false;
  bool small = false;
  bool verbose = false;
  for (size_t i = 1; i < words.size(); ++i) {
    const auto number = number_of(words[i]);
    if (number) numbers.push_back(*number);
    twice |= words[i] == "--twice";
    small |= words[i] == "--small";
    verbose |= words[i] == "--verbose";
    if (!number && words[i] != "--twice" && words[i] != "--small" && words[i] != "--verbose")
      return bad_usage();
  }
  const std::string_view what = words.empty() ? "" : words[0];
  if (what == "seeds" && numbers.size() == 2) return run_seeds(numbers[0], numbers[1], twice);
  if (what == "crashes" && numbers.size() == 2) return run_crashes(numbers[0], numbers[1]);
  if (what == "cents" && numbers.size() == 2) return run_cents(numbers[0], numbers[1]);
  if (what == "seed" && numbers.size() == 1) {
    return run_one(run({.seed = numbers[0], .small = small, .verbose = verbose}));
  }
  if (what == "crash" && numbers.size() == 3) {
    return run_one(run_crash(numbers[0], numbers[1], numbers[2], verbose));
  }
  return bad_usage();
}

}  // namespace
}  // namespace purvey::simulation

int main(int argc, char** argv) {
  return purvey::simulation::main_of({argv + 1, argv + argc});
}
