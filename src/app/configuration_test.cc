#include "app/configuration.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/event_intake.h"
#include "app/limit_settings.h"
#include "app/temporary_folder.h"
#include "base/file.h"
#include "base/settings/settings_docs.h"

namespace purvey::app {
namespace {

class ConfigurationTest : public testing::Test {
 protected:
  base::Result<Configuration> load(const std::string& text) {
    const std::string path = folder_.path() + "/purvey.toml";
    std::ofstream(path) << text;
    return load_configuration(path);
  }

  TemporaryFolder folder_ = *TemporaryFolder::make();
};

TEST_F(ConfigurationTest, without_a_file_everything_has_a_default) {
  const auto configuration = load_configuration({});
  ASSERT_TRUE(configuration) << configuration.error().message;
  EXPECT_EQ(configuration->zone.name(), "UTC");
  EXPECT_FALSE(configuration->base_currency);
  EXPECT_FALSE(configuration->rules->rules().empty());
  EXPECT_FALSE(configuration->pack->kpis.empty());
}

TEST_F(ConfigurationTest, all_declarations_are_sound) {
  const auto checked = base::check_sections(all_sections());
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST_F(ConfigurationTest, values_are_taken_from_the_file) {
  const auto configuration = load(
      "[site]\ntimezone = \"Asia/Shanghai\"\n[event]\ndisorder = \"1m\"\n"
      "[money]\nbase = \"EUR\"\n[[rule]]\nname = \"mine\"\nmetric = \"gmv\"\nwindow = \"1d\"\n"
      "below = 100.0\n");
  ASSERT_TRUE(configuration) << configuration.error().message;
  EXPECT_EQ(configuration->zone.name(), "Asia/Shanghai");
  EXPECT_EQ(configuration->disorder, std::chrono::minutes(1));
  EXPECT_EQ(configuration->base_currency->code(), "EUR");
  EXPECT_NE(configuration->rules->find("mine"), nullptr);
  EXPECT_NE(configuration->rules->find("payment_failures"), nullptr);
}

TEST_F(ConfigurationTest, every_error_has_a_line_of_its_own_with_its_place) {
  const auto configuration = load(
      "[site]\ntimezone = \"Mars/Olympus\"\n[evnet]\ndisorder = \"5s\"\n[store]\nthreads = 0\n");
  ASSERT_FALSE(configuration);
  const std::string& message = configuration.error().message;
  EXPECT_NE(message.find("purvey.toml:2:"), std::string::npos) << message;
  EXPECT_NE(message.find("purvey.toml:3:"), std::string::npos) << message;
  EXPECT_NE(message.find("event"), std::string::npos) << message;
  EXPECT_NE(message.find("purvey.toml:6:"), std::string::npos) << message;
}

TEST_F(ConfigurationTest, limits_of_the_server_are_those_of_the_file) {
  const auto configuration = load(
      "[limits]\nbody = \"2MiB\"\nunpacked = \"3MiB\"\nunpacked_ratio = 7\nbodies = \"4MiB\"\n"
      "connections = 5\nshards = 3\n");
  ASSERT_TRUE(configuration) << configuration.error().message;
  const auto limits = read_http_limits(configuration->settings.section("limits"));
  EXPECT_EQ(limits.body_bytes, 2U << 20);
  EXPECT_EQ(limits.unpacked_bytes, 3U << 20);
  EXPECT_EQ(limits.unpacked_ratio, 7U);
  EXPECT_EQ(limits.bodies_bytes, 4U << 20);
  EXPECT_EQ(limits.connections, 5U);
  EXPECT_EQ(configuration->shards.shards, 3U);
}

TEST_F(ConfigurationTest, without_a_file_limits_are_those_of_the_server) {
  const auto configuration = load_configuration({});
  ASSERT_TRUE(configuration) << configuration.error().message;
  const auto limits = read_http_limits(configuration->settings.section("limits"));
  const serve::HttpLimits usual;
  EXPECT_EQ(limits.body_bytes, usual.body_bytes);
  EXPECT_EQ(limits.unpacked_bytes, usual.unpacked_bytes);
  EXPECT_EQ(limits.unpacked_ratio, usual.unpacked_ratio);
  EXPECT_EQ(limits.bodies_bytes, usual.bodies_bytes);
  EXPECT_EQ(limits.connections, usual.connections);
  EXPECT_EQ(configuration->settings.section("limits").integer("events"),
            int64_t{EventIntake::kEventsMax});
}

TEST_F(ConfigurationTest, a_message_that_could_never_be_taken_is_told) {
  const auto configuration = load("[limits]\nunpacked = \"64MiB\"\nbodies = \"32MiB\"\n");
  ASSERT_FALSE(configuration);
  EXPECT_NE(configuration.error().message.find("limits.bodies: one message may be larger"),
            std::string::npos)
      << configuration.error().message;
}

TEST_F(ConfigurationTest, a_field_that_no_event_has_is_told_with_the_nearest_one) {
  const auto configuration = load("[privacy]\nfields = [\"sesion\"]\n");
  ASSERT_FALSE(configuration);
  EXPECT_NE(configuration.error().message.find("purvey.toml:2: privacy.fields: 'sesion'"),
            std::string::npos)
      << configuration.error().message;
}

TEST_F(ConfigurationTest, a_pack_of_ones_own_takes_the_place_of_the_shipped_one) {
  std::ofstream(folder_.path() + "/pack.toml")
      << "name = \"mine\"\n[[kpi]]\nname = \"k\"\nformula = \"count(order.paid)\"\n";
  const auto configuration = load("[metric]\npack = \"pack.toml\"\n");
  ASSERT_TRUE(configuration) << configuration.error().message;
  EXPECT_EQ(configuration->pack->kpis.size(), 1U);
  EXPECT_TRUE(configuration->rules->rules().empty());
}

TEST_F(ConfigurationTest, the_page_of_all_keys_is_the_one_that_the_declarations_give) {
  const std::string path = PURVEY_SOURCE_DIR "/docs/configuration.md";
  const auto page = base::read_file(path, 1 << 20);
  ASSERT_TRUE(page) << page.error().message;
  const auto rendered =
      "# Settings: every key of purvey.toml\n\nMade of the declarations in the program; `purvey "
      "check` reads a file by the same. `-c FILE` names the file of\n`purvey check`, `purvey "
      "replay` and `purvey run`; without it they take `purvey.toml` of the current folder, if "
      "there is one.\nWhile a server runs, a changed file is taken whole or not at all: "
      "docs/serve.md.\n\n" +
      base::render_settings_docs(all_sections());
  if (std::getenv("PURVEY_WRITE_DOCS") != nullptr) std::ofstream(path) << rendered;
  EXPECT_EQ(*page, rendered) << "PURVEY_WRITE_DOCS=1 build/app_test writes it anew";
}

}  // namespace
}  // namespace purvey::app
