// Every scenario of this folder holds, and gives the same results, in every mode.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "tests/scenarios/scenario_file.h"
#include "tests/scenarios/scenario_runner.h"

namespace purvey::scenarios {
namespace {

constexpr const char* kFolder = PURVEY_SOURCE_DIR "/tests/scenarios";

class ScenarioTest : public testing::TestWithParam<std::string> {
 protected:
  /// In memory, where there is such a folder: nothing here is about a disk that loses what it was
  /// told to keep, and waiting for one would be nine tenths of the time.
  static void SetUpTestSuite() {
    std::error_code failed;
    const auto space = std::filesystem::space("/dev/shm", failed);
    if (!failed && space.available > (256U << 20)) setenv("TMPDIR", "/dev/shm", 0);
  }

  static base::Result<Scenario> load(const std::string& path) {
    return read_scenario(path, PURVEY_TRY(base::read_file(path, 1U << 20)));
  }

  /// The digest, once everything expected was found.
  static std::string run(const Scenario& scenario, const Mode& mode) {
    const Outcome outcome = run_scenario(scenario, mode);
    for (const std::string& failure : outcome.failures) {
      ADD_FAILURE() << failure << "\n(mode " << mode.name << ")";
    }
    if (mode.plays_journal) {
      EXPECT_EQ(outcome.digest_of_journal, outcome.digest)
          << "the journal, played into a fresh folder, gives other results (mode " << mode.name
          << ")";
    }
    return outcome.digest;
  }

  static void compare_others(const Scenario& scenario, const std::string& digest) {
    for (const Step& step : scenario.steps) {
      const auto* const same = std::get_if<ExpectSameResults>(&step.what);
      if (same == nullptr) continue;
      const auto other = load(std::string(kFolder) + "/" + same->file);
      ASSERT_TRUE(other) << scenario.file << ":" << step.line << ": " << other.error().message;
      EXPECT_EQ(run(*other, all_modes()[0]), digest)
          << scenario.file << ":" << step.line << ": the results are not those of " << same->file;
    }
  }
};

TEST_P(ScenarioTest, holds_in_every_mode) {
  const auto scenario = load(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().message;
  std::string plain;
  for (const Mode& mode : all_modes()) {
    const std::string digest = run(*scenario, mode);
    if (HasFailure()) return;
    if (plain.empty()) plain = digest;
    EXPECT_EQ(digest, plain) << "mode " << mode.name << " gives other results than plain";
  }
  compare_others(*scenario, plain);
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ScenarioTest, testing::ValuesIn(scenario_files(kFolder)),
                         name_of);

}  // namespace
}  // namespace purvey::scenarios
