#include "algo/outlier/outlier.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace purvey::algo {
namespace {

using base::invalid_input;
using base::Result;

/// Beyond this, differences and sums could overflow.
constexpr double kValueMax = 1e100;

/// What doubles can tell apart around a value, with room: a spread below it is rounding.
constexpr double kRelativeSpread = 1e-9;

bool is_usable(double value) {
  return std::abs(value) <= kValueMax;
}

double floored(double spread, double centre, const OutlierOptions& options) {
  return std::max({spread, options.smallest_spread, std::abs(centre) * kRelativeSpread});
}

double capped_score(double distance, double spread) {
  if (!(distance > 0)) return 0;
  return distance >= spread * kOutlierScoreMax ? kOutlierScoreMax : distance / spread;
}

/// 1.4826 * MAD, or what kModifiedZ puts in its place.
double spread_of(std::span<const double> sorted, double median, OutlierMethod method) {
  constexpr double kHampelFactor = 1.4826;
  constexpr double kModifiedZFactor = 1 / 0.6745;
  constexpr double kMeanFactor = 1.253314;
  const double mad = median_distance(sorted, median);
  if (method == OutlierMethod::kHampel) return kHampelFactor * mad;
  return mad > 0 ? kModifiedZFactor * mad : kMeanFactor * mean_distance(sorted, median);
}

void append_mark(std::vector<OutlierMark>& marks, size_t index, double value,
                 const OutlierVerdict& verdict, OutlierMethod method) {
  if (!verdict.is_outlier) return;
  marks.push_back({index, value, verdict, outlier_reason(value, verdict, method)});
}

std::vector<OutlierMark> mark_whole(std::span<const double> values, const OutlierOptions& options) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<OutlierMark> marks;
  for (size_t i = 0; i < values.size(); ++i) {
    append_mark(marks, i, values[i], judge_outlier(sorted, values[i], options), options.method);
  }
  return marks;
}

std::vector<OutlierMark> mark_trailing(std::span<const double> values,
                                       const OutlierOptions& options) {
  OutlierStream stream(options);
  std::vector<OutlierMark> marks;
  for (size_t i = 0; i < values.size(); ++i) {
    append_mark(marks, i, values[i], stream.add(values[i]), options.method);
  }
  return marks;
}

std::vector<OutlierMark> mark_centered(std::span<const double> values,
                                       const OutlierOptions& options) {
  const size_t side = std::min(options.window, SortedWindow::kWindowMax - 1) / 2;
  SortedWindow window(2 * side + 1);
  std::vector<OutlierMark> marks;
  size_t entered = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > side) window.pop_oldest();
    for (; entered < values.size() && entered <= i + side; ++entered) window.push(values[entered]);
    append_mark(marks, i, values[i], judge_outlier(window.sorted(), values[i], options),
                options.method);
  }
  return marks;
}

}  // namespace

std::string_view outlier_method_name(OutlierMethod method) {
  switch (method) {
    case OutlierMethod::kHampel:
      return "hampel";
    case OutlierMethod::kModifiedZ:
      return "zscore";
    case OutlierMethod::kIqr:
      return "iqr";
  }
  return "";
}

OutlierVerdict judge_outlier(std::span<const double> sorted, double value,
                             const OutlierOptions& options) {
  OutlierVerdict verdict;
  if (sorted.empty() || sorted.size() < options.least) return verdict;
  verdict.expected = median_of(sorted);
  double low_edge = verdict.expected;
  double high_edge = verdict.expected;
  double spread = 0;
  if (options.method == OutlierMethod::kIqr) {
    low_edge = quantile_of(sorted, 0.25);
    high_edge = quantile_of(sorted, 0.75);
    spread = high_edge - low_edge;
  } else {
    spread = spread_of(sorted, verdict.expected, options.method);
  }
  spread = floored(spread, verdict.expected, options);
  verdict.lo = low_edge - options.threshold * spread;
  verdict.hi = high_edge + options.threshold * spread;
  verdict.score = capped_score(std::max(low_edge - value, value - high_edge), spread);
  verdict.is_outlier = value < verdict.lo || value > verdict.hi;
  return verdict;
}

Result<void> check_outlier_options(const OutlierOptions& options) {
  if (!(options.threshold > 0 && options.threshold <= kOutlierScoreMax)) {
    return invalid_input("the threshold must be above 0");
  }
  if (options.window < 1 || options.window > SortedWindow::kWindowMax) {
    return invalid_input(fmt::format("the window holds 1 to {} values", SortedWindow::kWindowMax));
  }
  if (!(options.smallest_spread >= 0 && is_usable(options.smallest_spread))) {
    return invalid_input("the smallest spread must not be below 0");
  }
  return {};
}

Result<std::vector<OutlierMark>> mark_outliers(std::span<const double> values,
                                               const OutlierOptions& options, OutlierScope scope) {
  PURVEY_TRY(check_outlier_options(options));
  for (size_t i = 0; i < values.size(); ++i) {
    if (!is_usable(values[i])) {
      return invalid_input(fmt::format("value {} is not finite or beyond 1e100", i));
    }
  }
  switch (scope) {
    case OutlierScope::kWhole:
      return mark_whole(values, options);
    case OutlierScope::kCentered:
      return mark_centered(values, options);
    case OutlierScope::kTrailing:
      return mark_trailing(values, options);
  }
  return std::vector<OutlierMark>{};
}

std::string outlier_reason(double value, const OutlierVerdict& verdict, OutlierMethod method) {
  const bool above = value > verdict.expected;
  const std::string_view from =
      method == OutlierMethod::kIqr
          ? (above ? "inter-quartile ranges above the upper quartile, median"
                   : "inter-quartile ranges below the lower quartile, median")
          : (above ? "spreads above the median" : "spreads below the median");
  return fmt::format("{:.6g} is {:.3g} {} {:.6g}; expected {:.6g} to {:.6g}", value, verdict.score,
                     from, verdict.expected, verdict.lo, verdict.hi);
}

OutlierVerdict OutlierStream::add(double value) {
  PURVEY_CHECK(is_usable(value), "values are checked at the border");
  const OutlierVerdict verdict = judge_outlier(window_.sorted(), value, options_);
  window_.push(value);
  return verdict;
}

void OutlierStream::save(base::ByteWriter& writer) const {
  writer.varint(window_.size());
  for (size_t i = 0; i < window_.size(); ++i) {
    writer.word(std::bit_cast<uint64_t>(window_.arrived(i)));
  }
}

bool OutlierStream::load(base::ByteReader& reader) {
  const uint64_t count = reader.varint();
  if (count > options_.window || !reader.fits(count, 8)) return false;
  SortedWindow loaded(options_.window);
  for (uint64_t i = 0; i < count; ++i) {
    const auto value = std::bit_cast<double>(reader.word());
    if (!is_usable(value)) return false;
    loaded.push(value);
  }
  if (!reader.ok()) return false;
  window_ = std::move(loaded);
  return true;
}

}  // namespace purvey::algo
