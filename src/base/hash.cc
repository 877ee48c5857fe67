#include "base/hash.h"

#include <fmt/core.h>
#include <xxhash.h>

#include "base/check.h"

namespace purvey::base {

uint64_t hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes) {
  const auto hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

std::string Hash128::hex() const {
  return fmt::format("{:016x}{:016x}", high, low);
}

StreamHash::StreamHash() : state_(XXH3_createState()) {
  PURVEY_CHECK(state_ != nullptr, "no memory for a hash state");
  XXH3_128bits_reset(static_cast<XXH3_state_t*>(state_));
}

StreamHash::~StreamHash() {
  XXH3_freeState(static_cast<XXH3_state_t*>(state_));
}

void StreamHash::add(std::string_view bytes) {
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state_), bytes.data(), bytes.size());
}

Hash128 StreamHash::value() const {
  const auto hash = XXH3_128bits_digest(static_cast<const XXH3_state_t*>(state_));
  return {hash.low64, hash.high64};
}

}  // namespace purvey::base
