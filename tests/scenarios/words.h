#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/event_time.h"
#include "base/result.h"

namespace purvey::scenarios {

/// A word of a line: up to the next blank; what stands in `"..."` may hold blanks.
struct Word {
  std::string text = {};
  bool quoted = false;  ///< some of it stood in quotes: it is never a sign such as `=`

  bool is(std::string_view sign) const { return !quoted && text == sign; }
};

/// The words of a line up to a `#` that begins one. Errors: kInvalidInput for a quote without end.
base::Result<std::vector<Word>> split_words(std::string_view line);

/// `name=value`, cut at the first `=`.
struct Pair {
  std::string name;
  std::string value;
};
/// Errors: kInvalidInput for a word without `=` or with nothing before it.
base::Result<Pair> split_pair(const Word& word);

/// Times of a scenario: `09:00`, `09:00:30`, `09:00:30.250` are of its day, `2026-03-02T09:00:00Z`
/// is itself. Errors: kInvalidInput.
base::Result<base::EventTime> parse_clock(std::string_view text, base::EventTime day);

/// `2026-03-02`. Errors: kInvalidInput.
base::Result<base::EventTime> parse_day(std::string_view text);

/// `90s`, `5m`, `2h`, `3d`. Errors: kInvalidInput.
base::Result<base::Micros> parse_span(std::string_view text);

/// A time as SQL and results write it: `2026-03-02 09:00:00`.
std::string sql_time(base::EventTime time);

}  // namespace purvey::scenarios
