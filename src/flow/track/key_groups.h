#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace purvey::flow {

/// Keyed state divided into 256 key groups by the top byte of the key's hash: what shards own,
/// checkpoints save and processes hand over is a group.
///
/// Keys are 64-bit hashes of ids; two ids of one hash would share their state (about 3 in a million
/// for ten million keys). One thread.
template <class State>
class KeyGroups {
 public:
  static constexpr size_t kGroups = 256;

  State& at(uint64_t key) { return group(key)[key]; }
  const State* find(uint64_t key) const {
    const auto& states = groups_[key >> 56];
    const auto found = states.find(key);
    return found == states.end() ? nullptr : &found->second;
  }

  size_t size() const {
    size_t sum = 0;
    for (const auto& states : groups_) sum += states.size();
    return sum;
  }

  /// Visits every key ascending, so that what is written of it is the same for any history.
  template <class Visit>
  void visit(const Visit& visit) const {
    std::vector<uint64_t> keys;
    for (const auto& states : groups_) {
      keys.clear();
      for (const auto& [key, state] : states) keys.push_back(key);
      std::sort(keys.begin(), keys.end());
      for (const uint64_t key : keys) visit(key, states.at(key));
    }
  }

 private:
  using States = absl::flat_hash_map<uint64_t, State>;
  States& group(uint64_t key) { return groups_[key >> 56]; }

  std::array<States, kGroups> groups_;
};

}  // namespace purvey::flow
