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
  };
  for (const auto& [text, expected] : cases) {
    const auto pack = pack_of(text);
    ASSERT_FALSE(pack) << text;
    EXPECT_NE(pack.error().message.find(expected), std::string::npos) << pack.error().message;
  }
}

}  // namespace
}  // namespace purvey::flow
