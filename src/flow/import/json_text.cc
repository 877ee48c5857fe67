#include "flow/import/json_text.h"

namespace purvey::flow {
namespace {

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
  }
}

void put_two(char* at, int64_t number) {
  at[0] = static_cast<char>('0' + number / 10);
  at[1] = static_cast<char>('0' + number % 10);
}

}  // namespace

void append_rfc3339(std::string& out, base::EventTime time) {
  constexpr int64_t kSecond = 1'000'000;
  const int64_t day = base::utc_day(time);
  const int64_t rest = time.micros - day * 86'400 * kSecond;
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
  const int year = static_cast<int>(date.year());
  if (rest % kSecond != 0 || year < 0 || year > 9999) {
    out += base::format_rfc3339(time);
    return;
  }
  char text[] = "0000-00-00T00:00:00Z";
  put_two(text, year / 100);
  put_two(text + 2, year % 100);
  put_two(text + 5, static_cast<unsigned>(date.month()));
  put_two(text + 8, static_cast<unsigned>(date.day()));
  put_two(text + 11, rest / (3600 * kSecond));
  put_two(text + 14, rest / (60 * kSecond) % 60);
  put_two(text + 17, rest / kSecond % 60);
  out.append(text, sizeof text - 1);
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) continue;
    out.append(text, begin, i - begin);
    append_escaped(out, text[i]);
    begin = i + 1;
  }
  out.append(text, begin);
  out += '"';
}

}  // namespace purvey::flow
