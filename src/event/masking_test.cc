#include "event/masking.h"

#include <gtest/gtest.h>

namespace purvey::event {
namespace {

std::string masked(std::string_view text) {
  std::string scratch;
  return std::string(mask_personal(text, scratch));
}

TEST(MaskingTest, what_names_a_person_is_replaced) {
  const std::pair<const char*, const char*> cases[] = {
      {"call 13812345678 now", "call [phone] now"},
      {"请打138-1234-5678联系", "请打[phone]联系"},
      {"+86 138 1234 5678", "[phone]"},
      {"+1 (415) 555-2671!", "[phone]!"},
      {"mail ana.b+x@shop.com.br, thanks", "mail [email], thanks"},
      {"13812345678@qq.com", "[email]"},
      {"card 4111 1111 1111 1111.", "card [card]."},
      {"身份证11010519491231002X", "身份证[id]"},
      {"a@b.cn and c@d.cn", "[email] and [email]"},
      {"138-1234-5678 2", "[phone] 2"},
      {"+86 138 1234 5678 0912", "[phone] 0912"},
      {"4111 1111 1111 1111 12/27", "[card] 12/27"},
  };
  for (const auto& [given, expected] : cases) EXPECT_EQ(masked(given), expected) << given;
}

TEST(MaskingTest, other_numbers_stay) {
  for (const char* text :
       {"", "order 20260102030405", "4111 1111 1111 1112", "price 1234.50", "@home", "a@b",
        "110105194912310021", "2026-01-02 03:04:05", "不错，下次还来"}) {
    EXPECT_EQ(masked(text), text);
  }
}

TEST(MaskingTest, what_is_masked_once_is_masked) {
  // Each once left something that looked like a number beside what it replaced.
  for (const char* text : {"8222 1111 1111  4111 1111 1111 1111 111", "1234 5678 9012 13812345678",
                           "110105 138 1234 5678 11010519491231002X"}) {
    const std::string once = masked(text);
    EXPECT_EQ(masked(once), once) << text;
  }
}

TEST(MaskingTest, hostile_texts_take_linear_time) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "1a";
  EXPECT_EQ(masked(text), text);
  text.clear();
  for (int i = 0; i < 30'000; ++i) text += "a@";
  EXPECT_EQ(masked(text), text);
}

}  // namespace
}  // namespace purvey::event
