#include "flow/metric/pack.h"

#include <gtest/gtest.h>

namespace purvey::flow {
namespace {

base::Result<Pack> pack_of(std::string_view text) {
  const auto document = PURVEY_TRY(base::parse_toml(text, "pack.toml"));
  return read_pack(document);
}

TEST(PackTest, the_shipped_pack_loads) {
  const auto document = base::read_toml(PURVEY_SOURCE_DIR "/packs/ecommerce.toml");
  ASSERT_TRUE(document) << document.error().message;
  const auto pack = read_pack(*document);
  ASSERT_TRUE(pack) << pack.error().message;
  for (const char* name : {"orders_placed", "gmv", "open_orders", "payment_failed_rate",
                           "days_of_cover", "on_time_rate", "rating_mean"}) {
    EXPECT_LT(pack->find(name), pack->kpis.size()) << name;
  }
  EXPECT_TRUE(pack->kpis[pack->find("open_orders")].is_level);
  EXPECT_FALSE(pack->kpis[pack->find("gmv")].is_level);
}

TEST(PackTest, every_kpi_has_its_total_and_pairs_are_sorted) {
  const auto pack = pack_of(R"toml(name = "p"
[[kpi]]
name = "k"
formula = "count(order.shipped)"
dimensions = ["warehouse,carrier"]
)toml");
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(pack->kpis[0].splits,
            (std::vector<Split>{{}, {Dimension::kCarrier, Dimension::kWarehouse}}));
}

TEST(PackTest, what_is_expected_has_defaults_and_may_be_said) {
  EXPECT_EQ(pack_of("name = \"p\"\n")->expect.session_gap, std::chrono::minutes(30));
  const auto pack = pack_of(R"toml(name = "p"
[expect]
session_gap = "45m"
allocated_within = "2h"
shipment_ends = ["delivered", "signed"]
)toml");
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(pack->expect.session_gap, std::chrono::minutes(45));
  EXPECT_EQ(pack->expect.allocated_within, std::chrono::hours(2));
  EXPECT_EQ(pack->expect.picked_within, std::chrono::hours(24));
  EXPECT_EQ(pack->expect.shipment_ends, (std::vector<std::string>{"delivered", "signed"}));
}

TEST(PackTest, formulas_share_the_numbers_of_their_samples) {
  const auto pack = pack_of(R"toml(name = "p"
[[kpi]]
name = "room"
formula = "mean(sample.room_c)"
[[kpi]]
name = "spread"
formula = 'p95(sample."cold room") - mean(sample.room_c)'
)toml");
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(pack->samples, (std::vector<std::string>{"room_c", "cold room"}));
  EXPECT_EQ(pack->kpis[1].formula.terms()[0].measure, sample_measure(1));
  EXPECT_EQ(pack->kpis[1].formula.terms()[1].measure, sample_measure(0));
}

TEST(PackTest, errors_name_file_line_and_remedy) {
  const std::pair<const char*, const char*> cases[] = {
      {"[[kpi]]\nname = \"k\"\n", "pack.toml"},
      {"name = \"p\"\n[[kpi]]\nname = \"k\"\nformula = \"count(x)\"\n", "pack.toml:2"},
      {"name = \"p\"\n[[kpi]]\nname = \"k\"\nformula = \"count(order.paid)\"\ncolour = 1\n",
       "pack.toml:5: unknown key `kpi[1].colour`"},
      {"name = \"p\"\n[[kpi]]\nname = \"k\"\nformula = \"count(order.paid)\"\ndimensions = "
       "[\"city\"]\n",
       "no dimension \"city\""},
      {"name = \"p\"\n[[kpi]]\nname = \"k\"\nformula = \"count(order.paid)\"\n[[kpi]]\nname = "
       "\"k\"\nformula = \"count(order.paid)\"\n",
       "a second KPI named \"k\""},
      {"name = \"p\"\n[[kpi]]\nname = \"k\"\nformula = \"level(order.open) / count(order.paid, "
       "1h)\"\n",
       "pack.toml:2: kpi[1]: level() and per_day() stand at a window's end"},
      {"name = \"p\"\n[expect]\npicked_within = \"soon\"\n", "pack.toml:3: expect.picked_within"},
      {"name = \"p\"\n[expect]\nsession_gap = \"1s\"\n", "\"1s\" is not within 1m and 366d"},
      {"name = \"p\"\n[expect]\npicked = \"1h\"\n", "pack.toml:3: unknown key `expect.picked`"},
  };
  for (const auto& [text, expected] : cases) {
    const auto pack = pack_of(text);
    ASSERT_FALSE(pack) << text;
    EXPECT_NE(pack.error().message.find(expected), std::string::npos) << pack.error().message;
  }
}

}  // namespace
}  // namespace purvey::flow
