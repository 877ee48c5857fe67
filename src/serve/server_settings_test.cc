#include "serve/server_settings.h"

#include <gtest/gtest.h>

namespace purvey::serve {
namespace {

base::Result<HttpServerOptions> options_of(std::string_view text) {
  const auto document = PURVEY_TRY(base::parse_toml(text, "purvey.toml"));
  const auto settings = PURVEY_TRY(base::load_settings(document, {&kServerSection, 1}));
  return read_server_options(settings.section("server"), "/etc/purvey");
}

TEST(ServerSettingsTest, declarations_are_right) {
  const auto right = base::check_sections({&kServerSection, 1});
  EXPECT_TRUE(right) << right.error().message;
}

TEST(ServerSettingsTest, without_a_file_the_server_is_for_this_machine_alone) {
  const auto options = options_of("");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->address, "127.0.0.1");
  EXPECT_FALSE(options->needs_token);
  EXPECT_TRUE(options->hosts.empty());
  EXPECT_EQ(options->tls.certificate, "");
}

TEST(ServerSettingsTest, values_become_options_with_files_beside_the_settings) {
  const auto options = options_of(
      "[server]\nauth = true\nhosts = [\"shop.example\"]\ncertificate = \"c.pem\"\n"
      "key = \"/secret/k.pem\"\n");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->needs_token);
  EXPECT_EQ(options->hosts, std::vector<std::string>{"shop.example"});
  EXPECT_EQ(options->tls.certificate, "/etc/purvey/c.pem");
  EXPECT_EQ(options->tls.key, "/secret/k.pem");
}

TEST(ServerSettingsTest, a_certificate_and_its_key_go_together) {
  EXPECT_EQ(options_of("[server]\ncertificate = \"c.pem\"\n").error().message,
            "purvey.toml:2: server.certificate: TLS takes its key too; name it as `key`");
  EXPECT_EQ(options_of("[server]\nkey = \"k.pem\"\n").error().message,
            "purvey.toml:2: server.key: TLS takes the certificate too; name it as `certificate`");
}

}  // namespace
}  // namespace purvey::serve
