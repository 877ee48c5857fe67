#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <vector>

namespace purvey::flow {

/// Keyed state divided into 256 key groups by the top byte of the key's hash: what shards own,
/// checkpoints save and processes hand over is a group.
///
/// A group is a table of places and the states themselves, densely in order of arrival: the free
/// room of a hash table is paid for 17 bytes a slot, not for a state, and a state stays where it
/// is. Memory: sizeof(State) and 25 to 45 bytes a key.
///
/// Keys are 64-bit hashes of ids; two ids of one hash would share their state (about 3 in a million
/// for ten million keys). One thread.
template <class State>
class KeyGroups {
 public:
  static constexpr size_t kGroups = 256;

  State& at(uint64_t key) {
    Group& group = groups_[key >> 56];
    const auto [place, is_new] = group.places.try_emplace(key, nullptr);
    if (is_new) place->second = &group.states.emplace_back();
    return *place->second;
  }
  const State* find(uint64_t key) const {
    const Group& group = groups_[key >> 56];
    const auto place = group.places.find(key);
    return place == group.places.end() ? nullptr : place->second;
  }

  /// Fetches the place of a key into the cache, and later its state: call them about 16 and 8 keys
  /// ahead of at().
  void prefetch(uint64_t key) const { groups_[key >> 56].places.prefetch(key); }
  void prefetch_state(uint64_t key) const {
    const State* state = find(key);
    if (state == nullptr) return;
    constexpr size_t kLine = 64;
    for (size_t at = 0; at < sizeof(State); at += kLine) {
      __builtin_prefetch(reinterpret_cast<const char*>(state) + at, 1);
    }
  }

  size_t size() const {
    size_t sum = 0;
    for (const Group& group : groups_) sum += group.states.size();
    return sum;
  }

  /// Visits every key ascending, so that what is written of it is the same for any history.
  template <class Visit>
  void visit(const Visit& visit) const {
    std::vector<std::pair<uint64_t, const State*>> keys;
    for (const Group& group : groups_) {
      keys.assign(group.places.begin(), group.places.end());
      std::sort(keys.begin(), keys.end());
      for (const auto& [key, state] : keys) visit(key, *state);
    }
  }

 private:
  struct Group {
    absl::flat_hash_map<uint64_t, State*> places;
    std::deque<State> states;
  };

  std::array<Group, kGroups> groups_;
};

}  // namespace purvey::flow
