#include "event/raw_scrub.h"

#include <gtest/gtest.h>

namespace purvey::event {
namespace {

std::string scrubbed(std::string_view raw) {
  Pseudonymizer people(Pseudonymizer::published_key());
  return scrub_raw(raw, people);
}

TEST(RawScrubTest, personal_values_go_and_the_rest_stays) {
  const auto out = scrubbed(R"({"id":"13812345678","data":{"customer_id" : "ana","text":"call )"
                            R"(13812345678","amount":"x"})");
  EXPECT_EQ(out.find("ana"), std::string::npos);
  EXPECT_NE(out.find(R"("text":"call [phone]","amount":"x")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("id":"13812345678")"), std::string::npos);
}

TEST(RawScrubTest, a_text_that_is_cut_off_is_scrubbed_to_its_end) {
  EXPECT_EQ(scrubbed(R"({"customer_id":"an)").find("an\""), std::string::npos);
  EXPECT_EQ(scrubbed(R"({"customer_id":"an)").size(),
            std::string(R"({"customer_id":")").size() + 32);
  EXPECT_EQ(scrubbed(R"({"query":"a@b.com)"), R"({"query":"[email])");
  EXPECT_EQ(scrubbed(R"({"customer_id":"a\)").find('\\'), std::string::npos);
}

TEST(RawScrubTest, what_is_no_json_is_kept_as_utf8) {
  EXPECT_EQ(scrubbed("\xff\xc3\xa9\xed\xa0\x80 \"customer_id\" 7"),
            "?\xc3\xa9??? \"customer_id\" 7");
  EXPECT_EQ(scrubbed(""), "");
}

}  // namespace
}  // namespace purvey::event
