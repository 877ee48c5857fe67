#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"

namespace purvey::simulation {

/// Chance by a seed, the same on every machine: splitmix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  /// In [0, bound).
  uint64_t below(uint64_t bound) {
    PURVEY_CHECK(bound > 0, "a choice of nothing");
    return next() % bound;
  }
  /// In [from, to].
  int64_t between(int64_t from, int64_t to) {
    return from + static_cast<int64_t>(below(static_cast<uint64_t>(to - from) + 1));
  }
  bool chance(double share) { return static_cast<double>(next() >> 11U) * 0x1p-53 < share; }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  /// Chance of its own for a part, so that more draws here change nothing there.
  Random fork() { return Random(next()); }

 private:
  uint64_t state_;
};

}  // namespace purvey::simulation
