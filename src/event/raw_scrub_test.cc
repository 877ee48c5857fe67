#include "event/raw_scrub.h"

#include <gtest/gtest.h>

namespace purvey::event {
namespace {

std::string scrubbed(std::string_view raw) {
  Pseudonymizer people(Pseudonymizer::published_key());
  return scrub_raw(raw, people);
}

TEST(RawScrubTest, personal_values_go_and_the_rest_stays) {
  const auto out = scrubbed(R"({"id":"e-7","data":{"customer_id" : "ana","text":"call )"
                            R"(13812345678","amount":"x"})");
  EXPECT_EQ(out.find("ana"), std::string::npos);
  EXPECT_NE(out.find(R"("text":"call [phone]","amount":"x")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("id":"e-7")"), std::string::npos);
}

TEST(RawScrubTest, whatever_stands_behind_the_key_goes) {
  for (const char* value :
       {"13800138000", R"(["ana@example.com",{"n":"ana"}])", R"({"name":"ana"})", "ana", "-7e3"}) {
    const auto out = scrubbed(std::string(R"({"customer_id":)") + value + R"(,"sku":"A"})");
    EXPECT_EQ(out.find("ana"), std::string::npos) << out;
    EXPECT_EQ(out.find("138"), std::string::npos) << out;
    EXPECT_NE(out.find(R"(","sku":"A"})"), std::string::npos) << out;
  }
  EXPECT_EQ(scrubbed(R"({"customer\u005Fid":"ana"})").find("ana"), std::string::npos);
  EXPECT_NE(scrubbed(R"({"note":"customer_id"})").find("customer_id"), std::string::npos);
}

TEST(RawScrubTest, a_text_that_is_cut_off_is_scrubbed_to_its_end) {
  for (const char* raw :
       {R"({"customer_id":"an)", R"({"customer_id":"a\)", R"({"customer_id":["an)"}) {
    const auto out = scrubbed(raw);
    EXPECT_EQ(out.size(), std::string(R"({"customer_id":"")").size() + 32) << out;
  }
  EXPECT_EQ(scrubbed(R"({"query":"a@b.com)"), R"({"query":"[email])");
  EXPECT_EQ(scrubbed("ana@example.com called, +4915112345678"), "[email] called, [phone]");
}

TEST(RawScrubTest, a_key_in_any_spelling_takes_its_value_along) {
  for (const char* raw : {
           R"({'customer_id':'SECRET'})",
           R"({customer_id:"SECRET"})",
           R"({"customer_id" "SECRET"})",
           R"({"customer_id" "SECRET")",
           R"({"customer_id","SECRET"})",
           R"({"CUSTOMER_ID":"SECRET"})",
           R"({"Customer ID" : "SECRET"})",
           R"({"customerId": 'Doe, SECRET'})",
           R"({"customer-ids":("x","SECRET")})",
           R"({"customer_id:"SECRET"})",
           R"({"customer_id"":"SECRET"})",
           R"({"customer_id":SECRET"})",
           R"({"customer_id":"x" SECRET})",
           R"({"customer_id":"x "SECRET" y","sku":"A"})",
           R"({"customer_id":Doe, SECRET, "sku":"A"})",
           R"({"customer_id":{'a':'}','b':'SECRET'}})",
           R"({customer_id=SECRET;sku=A})",
           R"(customer_id SECRET)",
           R"(<customer_id>SECRET</customer_id>)",
           R"({"customer\u005fid" "SECRET"})",
           R"({"\u0043ustomer_id":"SECRET"})",
           R"({"text":"{\"customer_id\":\"SECRET\"}"})",
           R"({"note":"customer_id","customer_id":"SECRET"})",
           R"({"note":"customer_id,"customer_id":"x","customer_id":"SECRET"})",
       }) {
    EXPECT_EQ(scrubbed(raw).find("SECRET"), std::string::npos)
        << raw << " became " << scrubbed(raw);
  }
  std::string wide;
  for (const char c : std::string(R"({"customer_id":"SECRET"})")) wide += {c, '\0'};
  EXPECT_EQ(scrubbed(wide).find('S'), std::string::npos);
}

TEST(RawScrubTest, what_only_looks_like_a_key_stays) {
  for (const char* raw : {R"({"note":"customer ideas","customer":"x","id":"customer-7"})",
                          R"({"note":"a customer_id"})", R"({"customer_idea":"x"})"}) {
    EXPECT_EQ(scrubbed(raw), raw);
  }
}

TEST(RawScrubTest, what_is_no_json_is_kept_as_utf8) {
  EXPECT_EQ(scrubbed("\xff\xc3\xa9\xed\xa0\x80 \"customer\" 7"), "?\xc3\xa9??? \"customer\" 7");
  EXPECT_EQ(scrubbed(""), "");
}

}  // namespace
}  // namespace purvey::event
