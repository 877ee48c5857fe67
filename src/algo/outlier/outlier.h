#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algo/outlier/sorted_window.h"
#include "base/byte_codec.h"
#include "base/result.h"

namespace purvey::algo {

/// How far from usual is measured. A spread is what a standard deviation would be if the values
/// were normal.
///
/// - kHampel: |x - median| in spreads of 1.4826 * MAD, the median absolute deviation (F. Hampel,
///   1974). Where more than half of the values are equal, MAD is 0 and any other value stands out.
/// - kModifiedZ: the same with 1 / 0.6745, but where MAD is 0 the mean absolute deviation
/// * 1.253314
///   takes its place (B. Iglewicz and D. Hoaglin, 1993): for series that mostly repeat a value.
/// - kIqr: beyond the quartiles, in inter-quartile ranges (J. Tukey, 1977).
enum class OutlierMethod : uint8_t { kHampel, kModifiedZ, kIqr };

/// "hampel", "zscore", "iqr": as settings and marks write it.
std::string_view outlier_method_name(OutlierMethod method);

/// What a value is compared with.
enum class OutlierScope : uint8_t {
  kWhole,     ///< all values
  kCentered,  ///< those at most window / 2 places away, itself included
  kTrailing,  ///< the `window` values before it, as a stream has them
};

struct OutlierOptions {
  OutlierMethod method = OutlierMethod::kHampel;
  double threshold = 6;        ///< a higher score is an outlier; above 0
  size_t window = 60;          ///< values; 1 to SortedWindow::kWindowMax
  size_t least = 10;           ///< with fewer values to compare with, none is judged
  double smallest_spread = 0;  ///< in the unit of the values: smaller spreads count as this much
};

/// A score never exceeds this; so a constant series gives no infinite one.
inline constexpr double kOutlierScoreMax = 1e6;

struct OutlierVerdict {
  bool is_outlier = false;
  double score = 0;     ///< in spreads, or inter-quartile ranges; 0 if not judged
  double expected = 0;  ///< the median
  double lo = 0;        ///< a value in [lo, hi] is none
  double hi = 0;
};

/// A value that stands out. The value itself is never changed.
struct OutlierMark {
  size_t index;
  double value;
  OutlierVerdict verdict;
  std::string reason;  ///< "9.3 is 7.2 spreads above the median 4; expected 3.1 to 4.9"
};

/// Judges `value` against `sorted`, ascending. O(log n); kModifiedZ with MAD 0: O(n).
OutlierVerdict judge_outlier(std::span<const double> sorted, double value,
                             const OutlierOptions& options);

/// Marks what stands out, in order. O(n log n), or O(n) windows of SortedWindow. Errors:
/// kInvalidInput for a value that is not finite or beyond 1e100, or options out of range.
base::Result<std::vector<OutlierMark>> mark_outliers(std::span<const double> values,
                                                     const OutlierOptions& options,
                                                     OutlierScope scope);

/// kInvalidInput if an option is out of its range.
base::Result<void> check_outlier_options(const OutlierOptions& options);

/// mark_outliers() with kTrailing for values that arrive one by one. For one thread.
class OutlierStream {
 public:
  /// `options` as check_outlier_options() takes them.
  explicit OutlierStream(const OutlierOptions& options)
      : options_(options), window_(options.window) {}

  /// The verdict on a finite value, which then joins the window, outlier or not: a new level is
  /// usual as soon as half of the window has it.
  OutlierVerdict add(double value);

  /// State without the options; load() takes what a stream of equal options saved. False if the
  /// bytes are damaged, with this stream as it was.
  void save(base::ByteWriter& writer) const;
  bool load(base::ByteReader& reader);

 private:
  OutlierOptions options_;
  SortedWindow window_;
};

/// The reason of a mark.
std::string outlier_reason(double value, const OutlierVerdict& verdict, OutlierMethod method);

}  // namespace purvey::algo
