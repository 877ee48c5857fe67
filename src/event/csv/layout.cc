#include "event/csv/layout.h"

#include <algorithm>
#include <array>

namespace purvey::event::csv {
namespace {

constexpr std::array kSeparators = {',', '\t', ';', '|'};
constexpr size_t kRowsLookedAt = 30;

/// How often each separator stands outside quotes in one row; moves `at` behind the row.
std::array<size_t, kSeparators.size()> count_separators(std::string_view sample, size_t& at) {
  std::array<size_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (; at < sample.size(); ++at) {
    const char c = sample[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') {
      ++at;
      break;
    }
    for (size_t i = 0; i < kSeparators.size(); ++i) counts[i] += c == kSeparators[i] ? 1 : 0;
  }
  return counts;
}

}  // namespace

char detect_separator(std::string_view sample) {
  std::array<size_t, kSeparators.size()> header{};
  std::array<size_t, kSeparators.size()> same{};
  size_t rows = 0;
  for (size_t at = 0; at < sample.size() && rows < kRowsLookedAt;) {
    const size_t begin = at;
    const auto counts = count_separators(sample, at);
    if (at - begin <= 1) continue;               // an empty line says nothing
    if (at >= sample.size() && rows > 1) break;  // may be cut
    if (rows++ == 0) header = counts;
    for (size_t i = 0; i < kSeparators.size(); ++i) same[i] += counts[i] == header[i] ? 1 : 0;
  }
  size_t best = 0;
  double best_score = 0;
  for (size_t i = 0; i < kSeparators.size(); ++i) {
    if (header[i] == 0) continue;
    const double even = static_cast<double>(same[i]) / static_cast<double>(rows);
    const double score = even * 1000 + static_cast<double>(std::min<size_t>(header[i], 999));
    if (score > best_score) {
      best = i;
      best_score = score;
    }
  }
  return kSeparators[best];
}

}  // namespace purvey::event::csv
