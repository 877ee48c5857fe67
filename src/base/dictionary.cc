#include "base/dictionary.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"

namespace purvey::base {

Dictionary::Dictionary(uint32_t limit) : limit_(limit) {
  PURVEY_CHECK(limit <= kChunk * chunks_.size(), "a dictionary limit above 2^24");
  intern("");
}

uint32_t Dictionary::intern(std::string_view text) {
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  if (size_ >= limit_) return kFull;
  const uint32_t id = size_++;
  auto& chunk = chunks_[id / kChunk];
  if (!chunk) chunk = std::make_unique<Entry[]>(kChunk);
  const std::string_view kept = keep(text);
  Entry& entry = chunk[id % kChunk];
  entry.text = kept;
  entry.hash = hash64(kept);
  ids_.emplace(kept, id);
  return id;
}

std::optional<uint32_t> Dictionary::find(std::string_view text) const {
  const auto found = ids_.find(text);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

void Dictionary::set_parts(uint32_t id, std::span<const uint32_t> parts) {
  auto kept = std::make_unique<uint32_t[]>(parts.size() + 1);
  kept[0] = static_cast<uint32_t>(parts.size());
  std::copy(parts.begin(), parts.end(), kept.get() + 1);
  chunks_[id / kChunk][id % kChunk].parts.store(kept.get(), std::memory_order_release);
  parts_.push_back(std::move(kept));
}

std::string_view Dictionary::keep(std::string_view text) {
  constexpr size_t kBlock = 1U << 16;
  if (block_used_ + text.size() > block_size_) {
    block_size_ = std::max(kBlock, text.size());
    blocks_.push_back(std::make_unique<char[]>(block_size_));
    block_used_ = 0;
  }
  char* const place = blocks_.empty() ? nullptr : blocks_.back().get() + block_used_;
  if (!text.empty()) std::memcpy(place, text.data(), text.size());
  block_used_ += text.size();
  return {place, text.size()};
}

}  // namespace purvey::base
