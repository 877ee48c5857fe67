#include <absl/container/flat_hash_map.h>

#include "flow/metric/internal/delta_content.h"
#include "flow/metric/internal/hot_minute.h"
#include "flow/metric/internal/windows.h"

namespace purvey::flow {

using internal::SeriesKey;
using internal::Wide;

class DeltaCollector::Impl {
 public:
  Impl(const Pack& pack, const base::Dictionary& names) : groups_(pack, names) {}

  void focus(base::EventTime time) {
    const int64_t minute = internal::floor_to(time.micros, internal::kMinute);
    if (minute <= hot_.start()) return;
    settle_hot();
    hot_.begin(minute);
  }

  void add(const Signal& signal, const Dimensions& dimensions) {
    groups_.visit_groups(signal.measure, dimensions,
                         [&](uint32_t group) { add_to_group(group, signal); });
  }

  void move(const Signal& signal, const Dimensions& from, const Dimensions& to) {
    Signal back = signal;
    back.weight = -signal.weight;
    groups_.visit_move(
        signal.measure, from, to, [&](uint32_t group) { add_to_group(group, back); },
        [&](uint32_t group) { add_to_group(group, signal); });
  }

  KpiDelta cut() {
    settle_hot();
    if (sums_.empty() && singles_.empty()) return {};
    auto content = std::make_unique<KpiDelta::Content>();
    for (; told_ < groups_.size(); ++told_) {
      content->new_groups.push_back(groups_.parts_of(static_cast<uint32_t>(told_)));
    }
    content->sums.reserve(sums_.size());
    for (const auto& [place, sum] : sums_) {
      content->sums.push_back({place.minute, place.key, sum.sum, sum.n, place.backfill});
    }
    sums_.clear();
    content->singles.swap(singles_);
    return KpiDelta(std::move(content));
  }

 private:
  struct Place {
    int64_t minute;
    SeriesKey key;
    bool backfill;
    friend bool operator==(const Place&, const Place&) = default;
    template <class Hash>
    friend Hash AbslHashValue(Hash hash, const Place& place) {
      return Hash::combine(std::move(hash), place.minute, place.key, place.backfill);
    }
  };

  struct Sum {
    Wide sum = 0;
    int64_t n = 0;
  };

  void add_to_group(uint32_t group, const Signal& signal) {
    if (groups_.needs_sketch(signal.measure)) {
      singles_.push_back({group, signal});
      return;
    }
    const int64_t minute = internal::floor_to(signal.time.micros, internal::kMinute);
    if (hot_.takes(minute, group) && !signal.backfill) {
      return hot_.add(group, signal.measure, signal.value, signal.weight);
    }
    add_sum({minute, internal::series_key(group, signal.measure), signal.backfill},
            static_cast<Wide>(signal.value) * signal.weight, signal.weight);
  }

  void add_sum(const Place& place, Wide value, int64_t n) {
    Sum& sum = sums_[place];
    sum.sum += value;
    sum.n += n;
  }

  void settle_hot() {
    const int64_t minute = hot_.start();
    if (minute == internal::HotMinute::kNone) return;
    hot_.drain([&](SeriesKey key, Wide sum, int64_t n) { add_sum({minute, key, false}, sum, n); });
  }

  internal::GroupTable groups_;
  size_t told_ = 0;  ///< groups that an earlier delta named
  internal::HotMinute hot_;
  absl::flat_hash_map<Place, Sum> sums_;
  std::vector<KpiDelta::Content::Single> singles_;
};

KpiDelta::KpiDelta() = default;
KpiDelta::KpiDelta(std::unique_ptr<Content> content) : content_(std::move(content)) {}
KpiDelta::KpiDelta(KpiDelta&&) noexcept = default;
KpiDelta& KpiDelta::operator=(KpiDelta&&) noexcept = default;
KpiDelta::~KpiDelta() = default;

DeltaCollector::DeltaCollector(const Pack& pack, const base::Dictionary& names)
    : impl_(std::make_unique<Impl>(pack, names)) {}
DeltaCollector::~DeltaCollector() = default;

void DeltaCollector::focus(base::EventTime time) {
  impl_->focus(time);
}
void DeltaCollector::add(const Signal& signal, const Dimensions& dimensions) {
  impl_->add(signal, dimensions);
}
void DeltaCollector::move(const Signal& signal, const Dimensions& from, const Dimensions& to) {
  impl_->move(signal, from, to);
}
KpiDelta DeltaCollector::cut() {
  return impl_->cut();
}

}  // namespace purvey::flow
