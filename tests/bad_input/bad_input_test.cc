// Every case of tests/bad_input/*.cases gets its fixed verdict, quickly and the same each time.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <set>
#include <string>

#include "tests/bad_input/case_file.h"
#include "tests/bad_input/program_runners.h"
#include "tests/bad_input/runners.h"

namespace purvey::bad_input {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSecondsMost = 2;
#else
constexpr double kSecondsMost = 0.05;
#endif

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = read_all_cases(PURVEY_SOURCE_DIR "/tests/bad_input");
  return cases;
}

std::string run(const Case& given) {
  if (given.reader == "event") return run_events(given);
  if (given.reader == "hook") return run_hook(given);
  if (given.reader == "packed") return run_packed(given);
  if (given.reader == "csv") return run_csv(given);
  if (given.reader == "stamp") return run_stamp(given);
  if (given.reader == "settings") return run_settings(given);
  if (given.reader == "map") return run_map(given);
  if (given.reader == "flow") return run_flow(given);
  if (given.reader == "configuration") return run_configuration(given);
  if (given.reader == "pack") return run_pack(given);
  return "broken: the case has no known reader, or is not NAME | VERDICT | INPUT";
}

double seconds_of(const Case& given) {
  const std::clock_t before = std::clock();
  run(given);
  return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

class BadInputTest : public testing::TestWithParam<Case> {};

TEST_P(BadInputTest, gets_its_verdict) {
  const Case given = unpacked(GetParam());
  ASSERT_FALSE(given.verdict.empty()) << "a case without a verdict";
  const std::string shown = given.huge ? fmt::format("{} bytes", given.input.size()) : given.input;
  ASSERT_EQ(unescape(run(given)), unescape(given.verdict))
      << given.group << ": " << given.name << ": " << shown;
  if (given.huge || given.reader == "packed" || given.reader == "flow") return;
  double fastest = seconds_of(given);
  for (int again = 0; again < 3 && fastest > kSecondsMost; ++again) {
    fastest = std::min(fastest, seconds_of(given));  // a busy machine is no slow case
  }
  EXPECT_LE(fastest, kSecondsMost) << given.name;
}

INSTANTIATE_TEST_SUITE_P(Cases, BadInputTest, testing::ValuesIn(all_cases()),
                         [](const auto& each) { return each.param.group + "_" + each.param.name; });

TEST(BadInputCasesTest, there_are_at_least_1500_and_each_is_named_once) {
  std::map<std::string, size_t> by_group;
  std::set<std::string> names;
  for (const Case& each : all_cases()) {
    ++by_group[each.group];
    EXPECT_TRUE(names.insert(each.group + each.name).second) << each.group << " " << each.name;
  }
  for (const auto& [group, count] : by_group) fmt::print("{:4} {}\n", count, group);
  fmt::print("{:4} in all\n", all_cases().size());
  EXPECT_GE(all_cases().size(), 1500U);
}

TEST(BadInputCasesTest, a_bomb_of_1_gib_is_read_within_a_few_seconds) {
  const Case bomb{
      .group = "", .name = "", .reader = "packed", .verdict = "", .input = "bomb1024 : x"};
  EXPECT_EQ(run_packed(bomb), "rejected too_long");
}

TEST(BadInputCasesTest, escapes_stand_for_bytes) {
  using namespace std::string_literals;
  EXPECT_EQ(unescape("a\\x00\\xFF\\u{20AC}⏎\\*{3,\\x41}\\n\\u0041"),
            "a\0\xFF\xE2\x82\xAC\nAAA\\n\\u0041"s);
  EXPECT_EQ(unescape("\\keys{2}"), "\"k0\":0,\"k1\":0");
  EXPECT_EQ(escape("a\0\xFF\xE2\x82\xAC\n"s), "a\\x00\\xFF\xE2\x82\xAC\\x0A");
}

}  // namespace
}  // namespace purvey::bad_input
