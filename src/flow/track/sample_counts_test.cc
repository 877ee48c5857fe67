#include "flow/track/sample_counts.h"

#include <gtest/gtest.h>

#include "base/toml.h"
#include "event/labels.h"
#include "flow/track/signal_ledger_fixture.h"

namespace purvey::flow {
namespace {

constexpr const char* kPack = R"toml(name = "test"
[[kpi]]
name = "room"
formula = "mean(sample.room_c)"
dimensions = ["warehouse"]
)toml";

class SampleCountsTest : public testing::Test {
 protected:
  void count(const char* name, const char* labels, double value) {
    counts_.count({.name = names_.intern(name),
                   .labels = event::intern_labels(names_, labels),
                   .at = {10},
                   .value = value});
  }

  SignalLedger ledger_;
  base::Dictionary names_;
  Pack pack_ = *read_pack(*base::parse_toml(kPack, "test.toml"));
  SampleCounts counts_{ledger_, pack_, names_};
};

TEST_F(SampleCountsTest, values_of_metrics_that_formulas_name_count) {
  count("room_c", "{}", 4.25);
  count("room_c", "{}", -2);
  count("other_c", "{}", 7);
  EXPECT_EQ(ledger_.count(sample_measure(0)), 2);
  EXPECT_EQ(ledger_.sum(sample_measure(0)), 22'500);
}

TEST_F(SampleCountsTest, labels_called_as_dimensions_split) {
  count("room_c", R"({"door":"3","warehouse":"north \"A\""})", 4);
  count("room_c", R"({"door":"3"})", 4);
  EXPECT_EQ(ledger_.count(sample_measure(0), Dimension::kWarehouse, names_.intern("north \"A\"")),
            1);
  EXPECT_EQ(ledger_.count(sample_measure(0), Dimension::kWarehouse, 0), 1);
}

TEST_F(SampleCountsTest, what_leaves_64_bits_does_not_count) {
  count("room_c", "{}", 9e14);
  count("room_c", "{}", -9.1e14);
  count("room_c", "{}", 1e300);
  EXPECT_EQ(ledger_.count(sample_measure(0)), 1);
}

}  // namespace
}  // namespace purvey::flow
