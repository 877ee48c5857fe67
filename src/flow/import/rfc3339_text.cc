#include "flow/import/rfc3339_text.h"

namespace purvey::flow {
namespace {

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

}  // namespace purvey::flow
