#include "event/csv/encoding.h"

#include <gtest/gtest.h>

namespace purvey::event::csv {
namespace {

TEST(Encoding, is_told_by_the_mark_then_by_the_look_of_the_bytes) {
  using namespace std::string_view_literals;
  const std::pair<std::string_view, Encoding> cases[] = {
      {"\xEF\xBB\xBFid"sv, Encoding::kUtf8},
      {"\xFF\xFEi\0"sv, Encoding::kUtf16Le},
      {"\xFE\xFF\0i"sv, Encoding::kUtf16Be},
      {"i\0d\0,\0x\0"sv, Encoding::kUtf16Le},
      {"\0i\0d\0,\0x"sv, Encoding::kUtf16Be},
      {"plain"sv, Encoding::kUtf8},
      {""sv, Encoding::kUtf8},
      {"S\xC3\xA3o Paulo"sv, Encoding::kUtf8},
      {"cut in a letter: \xE7\x89"sv, Encoding::kUtf8},
      {"S\xE3o Paulo, C\xF4te, caf\xE9"sv, Encoding::kWindows1252},
      {"\xC3\xFB\xB3\xC6,\xCA\xFD\xC1\xBF,abc"sv, Encoding::kGb18030},
  };
  for (const auto& [sample, encoding] : cases) {
    EXPECT_EQ(encoding_name(detect_encoding(sample)), encoding_name(encoding)) << sample;
  }
}

TEST(Encoding, is_found_by_its_names_in_any_case) {
  EXPECT_EQ(find_encoding("GBK"), Encoding::kGb18030);
  EXPECT_EQ(find_encoding("Latin-1"), Encoding::kLatin1);
  EXPECT_EQ(find_encoding("UTF-8"), Encoding::kUtf8);
  EXPECT_FALSE(find_encoding("klingon"));
}

TEST(Encoding, a_damaged_letter_does_not_make_a_file_another_encoding) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "\xE4\xBB\x93";
  EXPECT_EQ(detect_encoding(text + "\xC3,1\n"), Encoding::kUtf8);
  EXPECT_NE(detect_encoding(text.substr(3) + "\xC3,1\n"), Encoding::kUtf8);
}

}  // namespace
}  // namespace purvey::event::csv
