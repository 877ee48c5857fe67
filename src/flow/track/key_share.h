#pragma once

#include <cstddef>
#include <cstdint>

namespace purvey::flow {

/// Which of all keys a shard owns: whole key groups (the top byte of a key's hash), in equal runs.
/// Any number of shards from 1 to 256 divides the same 256 groups.
struct KeyShare {
  size_t shard = 0;
  size_t shards = 1;

  static size_t owner(uint64_t hash, size_t shards) { return (hash >> 56) * shards >> 8; }
  bool owns(uint64_t hash) const { return owner(hash, shards) == shard; }
};

}  // namespace purvey::flow
