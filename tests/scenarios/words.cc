#include "tests/scenarios/words.h"

#include <fmt/core.h>

#include <charconv>
#include <regex>

namespace purvey::scenarios {

using base::Result;

Result<std::vector<Word>> split_words(std::string_view line) {
  std::vector<Word> words;
  for (size_t at = 0;;) {
    at = line.find_first_not_of(" \t\r", at);
    if (at == std::string_view::npos || line[at] == '#') return words;
    Word word;
    bool open = false;
    for (; at < line.size() && (open || (line[at] != ' ' && line[at] != '\t')); ++at) {
      if (line[at] == '"') {
        open = !open;
        word.quoted = true;
      } else if (line[at] != '\r') {
        word.text += line[at];
      }
    }
    if (open) return base::invalid_input("a quote without end; write \"...\"");
    words.push_back(std::move(word));
  }
}

Result<Pair> split_pair(const Word& word) {
  const size_t at = word.text.find('=');
  if (at == std::string::npos || at == 0) {
    return base::invalid_input(fmt::format(
        "expected name=value, found \"{}\"; write it without blanks around the =", word.text));
  }
  return Pair{word.text.substr(0, at), word.text.substr(at + 1)};
}

Result<base::EventTime> parse_clock(std::string_view text, base::EventTime day) {
  if (text.find('T') != std::string_view::npos) return base::parse_rfc3339(text);
  static const std::regex kClock(R"(\d\d:\d\d(:\d\d(\.\d{1,6})?)?)");
  if (!std::regex_match(text.begin(), text.end(), kClock)) {
    return base::invalid_input(
        fmt::format("\"{}\" is no time; write 09:00, 09:00:30 or 2026-03-02T09:00:00Z", text));
  }
  const std::string seconds = text.size() == 5 ? ":00" : "";
  return base::parse_rfc3339(fmt::format("{}T{}{}Z", base::format_utc_date(day), text, seconds));
}

Result<base::EventTime> parse_day(std::string_view text) {
  const auto time = base::parse_rfc3339(fmt::format("{}T00:00:00Z", text));
  if (time) return time;
  return base::invalid_input(fmt::format("\"{}\" is no day; write 2026-03-02", text));
}

Result<base::Micros> parse_span(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  int64_t seconds = 0;
  if (unit == "s") seconds = 1;
  if (unit == "m") seconds = 60;
  if (unit == "h") seconds = 3'600;
  if (unit == "d") seconds = 86'400;
  constexpr int64_t kMost = 100'000;
  if (error != std::errc() || seconds == 0 || count <= 0 || count > kMost) {
    return base::invalid_input(
        fmt::format("\"{}\" is no span of time; write 30s, 5m, 2h or 3d", text));
  }
  return base::Micros(count * seconds * 1'000'000);
}

std::string sql_time(base::EventTime time) {
  std::string text = base::format_rfc3339(time);
  text[text.find('T')] = ' ';
  text.pop_back();
  return text;
}

}  // namespace purvey::scenarios
