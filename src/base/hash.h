#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace purvey::base {

/// XXH3 (Y. Collet, xxHash 0.8): fast, stable over versions and machines, not for secrets.
uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

/// Folds `value` into `hash`; order matters. (The finaliser of splitmix64, S. Vigna 2015.)
constexpr uint64_t mix64(uint64_t hash, uint64_t value) {
  uint64_t x = hash * 0x9E3779B97F4A7C15ULL + value + 0x632BE59BD9B4E019ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// 128 bits of XXH3; ids that are printed and fingerprints of files.
struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;

  friend bool operator==(const Hash128&, const Hash128&) = default;

  /// 32 lower-case hexadecimal digits, high half first.
  std::string hex() const;
};

Hash128 hash128(std::string_view bytes);

/// XXH3-128 over bytes that arrive in pieces.
class StreamHash {
 public:
  StreamHash();
  ~StreamHash();
  StreamHash(const StreamHash&) = delete;
  StreamHash& operator=(const StreamHash&) = delete;

  void add(std::string_view bytes);
  Hash128 value() const;

 private:
  void* state_;
};

}  // namespace purvey::base
