#pragma once

#include <absl/container/btree_map.h>

#include <algorithm>
#include <cstdint>

#include "base/byte_codec.h"

namespace purvey::flow::internal {

/// Spans of minutes by their starts, both ends included; those that overlap become one, so that a
/// minute is in one of them at most.
class MinuteSpans {
 public:
  /// Cost: log(spans), and the spans that it swallows.
  void add(int64_t first, int64_t last) {
    auto at = spans_.upper_bound(first);
    if (at != spans_.begin() && std::prev(at)->second >= first) --at;
    while (at != spans_.end() && at->first <= last) {
      first = std::min(first, at->first);
      last = std::max(last, at->second);
      at = spans_.erase(at);
    }
    spans_.emplace(first, last);
  }

  /// Calls `visit(first, last)` for each, in order of time.
  template <class Visit>
  void visit(const Visit& visit) const {
    for (const auto& [first, last] : spans_) visit(first, last);
  }

  void save(base::ByteWriter& writer) const {
    writer.varint(spans_.size());
    for (const auto& [first, last] : spans_) {
      writer.zigzag(first);
      writer.zigzag(last);
    }
  }
  void load(base::ByteReader& reader) {
    const uint64_t count = reader.varint();
    for (uint64_t i = 0; i < count && reader.ok(); ++i) {
      const int64_t first = reader.zigzag();
      spans_[first] = reader.zigzag();
    }
  }

 private:
  absl::btree_map<int64_t, int64_t> spans_;
};

}  // namespace purvey::flow::internal
