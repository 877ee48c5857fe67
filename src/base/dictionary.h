#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace purvey::base {

/// Strings interned to dense 32-bit ids: id 0 is the empty string, the next new string gets the
/// next id.
///
/// Ids depend on the order of arrival: nothing that is stored or compared between runs may be
/// ordered by them. One thread at a time interns (where there are several, by interning()); other
/// threads may read an id that reached them through a queue (entries never move).
class Dictionary {
 public:
  static constexpr uint32_t kFull = UINT32_MAX;

  /// `limit`: the most strings it takes, at most 2^24.
  explicit Dictionary(uint32_t limit = 1U << 24);
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  /// Held by who interns or finds while others may.
  std::mutex& interning() { return interning_; }

  /// The id of `text`, which is copied if new; kFull when the limit is reached.
  uint32_t intern(std::string_view text);

  /// The id of `text`, if it was interned. As intern().
  std::optional<uint32_t> find(std::string_view text) const;

  /// The text of an id that intern() gave.
  std::string_view text(uint32_t id) const { return entry(id).text; }

  /// hash64() of the text, computed once.
  uint64_t hash(uint32_t id) const { return entry(id).hash; }

  /// Tells which other texts a text consists of, as a set of labels does of its words; once for
  /// each text. As intern().
  void set_parts(uint32_t id, std::span<const uint32_t> parts);

  /// What set_parts() told; empty before. Whoever got the id through a queue after that sees it.
  std::span<const uint32_t> parts(uint32_t id) const {
    const uint32_t* const parts = entry(id).parts.load(std::memory_order_acquire);
    return parts == nullptr ? std::span<const uint32_t>() : std::span(parts + 1, parts[0]);
  }

  uint32_t size() const { return size_; }

 private:
  struct Entry {
    std::string_view text;
    uint64_t hash = 0;
    std::atomic<const uint32_t*> parts = nullptr;  ///< their number, then they
  };
  static constexpr uint32_t kChunk = 1U << 12;

  const Entry& entry(uint32_t id) const { return chunks_[id / kChunk][id % kChunk]; }
  std::string_view keep(std::string_view text);

  std::mutex interning_;
  const uint32_t limit_;
  uint32_t size_ = 0;
  std::array<std::unique_ptr<Entry[]>, (1U << 24) / kChunk> chunks_;
  absl::flat_hash_map<std::string_view, uint32_t> ids_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_used_ = 0;
  size_t block_size_ = 0;
  std::vector<std::unique_ptr<uint32_t[]>> parts_;
};

}  // namespace purvey::base
