#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "flow/metric/measure.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow {

inline constexpr int64_t kUnknown = std::numeric_limits<int64_t>::min();

/// One observation that a thing makes, at one place of the fixed list of its kind.
///
/// A tracker works out the whole list as a function of what is known of a thing, before and after
/// an event, and publishes the difference: so the sums are the same in whatever order it became
/// known.
struct Contribution {
  int64_t time = kUnknown;  ///< kUnknown: there is none
  int64_t value = 0;

  friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// Fills a list place by place, in the order of its measures.
class ContributionWriter {
 public:
  /// `out` must be empty contributions, as many as are written.
  explicit ContributionWriter(std::span<Contribution> out) : out_(out) {}

  void add(int64_t time, int64_t value = 1) {
    if (time != kUnknown && value != kUnknown) out_[at_] = {time, value};
    ++at_;
  }
  void none() { ++at_; }

  /// A duration at `end`, in ten-thousandths of `unit`; none if it is negative or not known.
  void duration(int64_t begin, int64_t end, int64_t unit) {
    if (begin == kUnknown || end == kUnknown || end < begin) return none();
    add(end, (end - begin) / (unit / 10'000));
  }

  /// A level that stands from `begin` to `end`, two places; for ever if `end` is unknown.
  void span(int64_t begin, int64_t end) {
    if (begin == kUnknown || (end != kUnknown && end <= begin)) {
      none();
      none();
    } else {
      add(begin, 1);
      add(end, -1);
    }
  }

 private:
  std::span<Contribution> out_;
  size_t at_ = 0;
};

/// Puts into the sink what turns `before` into `after`, lists of `measures`.
void publish_difference(SignalSink& sink, std::span<const Measure> measures,
                        std::span<const Contribution> before, const Dimensions& before_dimensions,
                        std::span<const Contribution> after, const Dimensions& after_dimensions);

/// `time` + `span`, kUnknown if the time is.
inline int64_t later_by(int64_t time, int64_t span) {
  return time == kUnknown ? kUnknown : time + span;
}

}  // namespace purvey::flow
