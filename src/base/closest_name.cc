#include "base/closest_name.h"

#include <algorithm>
#include <array>

namespace purvey::base {

// Optimal string alignment (F. Damerau 1964, restricted form): three rows of the usual table are
// enough, as a swap looks back two rows.
size_t edit_distance(std::string_view a, std::string_view b) {
  constexpr size_t kLongest = 64;
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  using Row = std::array<size_t, kLongest + 1>;
  Row two_before{};
  Row before{};
  Row now{};
  for (size_t j = 0; j <= b.size(); ++j) before[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({replace, before[j] + 1, now[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) now[j] = std::min(now[j], two_before[j - 2] + 1);
    }
    two_before = before;
    before = now;
  }
  return before[b.size()];
}

std::string_view closest_name(std::string_view written, std::span<const std::string_view> known) {
  std::string_view best;
  size_t best_distance = std::clamp<size_t>((written.size() + 2) / 3, 1, 3) + 1;
  for (const std::string_view name : known) {
    const size_t distance = edit_distance(written, name);
    if (distance >= best_distance) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

}  // namespace purvey::base
