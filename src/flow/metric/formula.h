#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_time.h"
#include "base/result.h"
#include "flow/metric/measure.h"

namespace purvey::flow {

/// How the observations of a measure in a window become one number.
enum class Aggregate : uint8_t {
  kCount,     ///< how many
  kSum,       ///< of values
  kMean,      ///< sum / count
  kRate,      ///< count a second
  kDistinct,  ///< of an identity measure: how many different ones
  kLevel,     ///< of a level measure: where it stands at the window's end
  kPerDay,    ///< sum a day, over the days up to the window's end (`per_day(x, 28)`), or those seen
              ///< if fewer
  kQuantile,  ///< `p99(x)`
};

/// One call in a formula: `count(order.placed)`, `p99(payment.latency_ms)`, `mean(x, 30m)`.
struct Term {
  /// Longest trailing duration: a term over it merges at most some 900 windows.
  static constexpr base::Micros kTrailingMax = std::chrono::days(31);

  Aggregate aggregate = Aggregate::kCount;
  Measure measure = Measure::kOrderPlaced;
  double parameter = 0;  ///< kPerDay: days; kQuantile: 0..1
  /// Over this long up to the window's end, whole minutes; 0: over the window itself.
  base::Micros trailing{0};
};

/// A number and how many observations it rests on. NaN: there is none (a division by zero).
struct Amount {
  double value = 0;
  int64_t n = 0;
};

/// An arithmetic expression over terms: `count(payment.failed) / (count(payment.failed) +
/// count(payment.authorized))`.
///
/// Grammar: sum = product {("+" | "-") product}; product = factor {("*" | "/") factor};
/// factor = number | term | "(" sum ")"; term = name "(" measure ["," number | duration] ")";
/// measure = word | "sample." (word | '"' text '"'). At most 32 operations. n of a sum is the sum
/// of both n, of a quotient the divisor's, of a product the larger.
class Formula {
 public:
  /// `samples` are the metrics that `sample.NAME` measures stand for, by place; a new name is
  /// added. Errors: kInvalidInput that says where in the text and what would be right.
  static base::Result<Formula> parse(std::string_view text, std::vector<std::string>& samples);
  /// Of a formula by itself: its samples are numbered from the first.
  static base::Result<Formula> parse(std::string_view text);

  const std::vector<Term>& terms() const { return terms_; }

  /// The value, given each term's.
  Amount evaluate(const std::function<Amount(const Term&)>& term_value) const;

 private:
  friend class FormulaParser;
  struct Step {
    char kind;  ///< 't' term, 'n' number, or the operator
    size_t term = 0;
    double number = 0;
  };

  std::vector<Term> terms_;
  std::vector<Step> steps_;  ///< in reverse Polish order
};

}  // namespace purvey::flow
