#include "flow/track/contribution.h"

namespace purvey::flow {

void publish_difference(SignalSink& sink, std::span<const Measure> measures,
                        std::span<const Contribution> before, const Dimensions& before_dimensions,
                        std::span<const Contribution> after, const Dimensions& after_dimensions) {
  const bool moved = !(before_dimensions == after_dimensions);
  for (size_t i = 0; i < measures.size(); ++i) {
    const Contribution& old_one = before[i];
    const Contribution& new_one = after[i];
    if (old_one == new_one) {
      if (moved && new_one.time != kUnknown) {
        sink.move({measures[i], {new_one.time}, new_one.value}, before_dimensions,
                  after_dimensions);
      }
      continue;
    }
    if (old_one.time != kUnknown) {
      sink.add({measures[i], {old_one.time}, old_one.value, -1}, before_dimensions);
    }
    if (new_one.time != kUnknown) {
      sink.add({measures[i], {new_one.time}, new_one.value, 1}, after_dimensions);
    }
  }
}

}  // namespace purvey::flow
