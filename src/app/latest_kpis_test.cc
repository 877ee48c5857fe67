#include "app/latest_kpis.h"

#include <gtest/gtest.h>

#include <string>

#include "base/toml.h"

namespace purvey::app {
namespace {

constexpr int64_t kDay = 86'400'000'000;

class LatestKpisTest : public testing::Test {
 protected:
  static flow::Pack pack_of(const char* text) {
    return *flow::read_pack(*base::parse_toml(text, "pack.toml"));
  }
  static flow::KpiRow row(uint32_t kpi, int64_t day, double value, bool final = true) {
    return {.kpi = kpi,
            .group = 7,
            .window_seconds = 86'400,
            .window_start = {day * kDay},
            .value = value,
            .n = 3,
            .revision = 1,
            .final = final};
  }
};

TEST_F(LatestKpisTest, the_last_closed_window_stays_also_one_of_before_1970) {
  LatestKpis latest;
  latest.note(row(0, -3650, 1));
  ASSERT_EQ(latest.rows().size(), 1U);
  EXPECT_EQ(latest.rows()[0].window_start.micros, -3650 * kDay);
  EXPECT_EQ(latest.rows()[0].value, 1);
  latest.note(row(0, -3650, 2));  // a revision
  latest.note(row(0, -3651, 4));  // an earlier window
  latest.note(row(0, 20'000, 8, false));
  ASSERT_EQ(latest.rows().size(), 1U);
  EXPECT_EQ(latest.rows()[0].value, 2);
}

TEST_F(LatestKpisTest, are_saved_by_the_names_of_kpis_and_in_one_order) {
  const auto before = pack_of(
      "name = 'p'\n[[kpi]]\nname = 'a'\nformula = 'count(order.placed)'\n"
      "[[kpi]]\nname = 'b'\nformula = 'count(order.paid)'\n");
  const auto after = pack_of("name = 'p'\n[[kpi]]\nname = 'b'\nformula = 'count(order.paid)'\n");
  LatestKpis one;
  one.note(row(0, 5, 1.5));
  one.note(row(1, 6, 2.5));
  LatestKpis other;
  other.note(row(1, 6, 2.5));
  other.note(row(0, 5, 1.5));
  std::string saved;
  base::ByteWriter writer(saved);
  one.save(writer, before);
  std::string again;
  base::ByteWriter again_writer(again);
  other.save(again_writer, before);
  EXPECT_EQ(saved, again);

  LatestKpis loaded;
  base::ByteReader reader(saved);
  loaded.load(reader, after);
  ASSERT_TRUE(reader.finish("latest KPIs"));
  ASSERT_EQ(loaded.rows().size(), 1U);  // `a` is gone
  const flow::KpiRow found = loaded.rows()[0];
  EXPECT_EQ(found.kpi, 0U);
  EXPECT_EQ(found.group, 7U);
  EXPECT_EQ(found.window_start.micros, 6 * kDay);
  EXPECT_EQ(found.value, 2.5);
  EXPECT_EQ(found.n, 3);
  EXPECT_EQ(found.revision, 1);
  EXPECT_TRUE(found.final);
}

}  // namespace
}  // namespace purvey::app
