#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/check.h"

namespace purvey::base {

/// Bytes in memory as a ByteSource that gives at most `piece` of them at a time, so that every
/// border inside a reader is met.
class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string bytes, size_t piece) : bytes_(std::move(bytes)), piece_(piece) {
    PURVEY_CHECK(piece > 0, "a source that gives nothing never ends");
  }

  Result<size_t> read(std::span<char> into) override {
    const size_t count = std::min({into.size(), piece_, bytes_.size() - at_});
    if (count > 0) std::memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    return count;
  }
  uint64_t raw_bytes() const override { return at_; }
  uint64_t raw_size() const override { return bytes_.size(); }
  Hash128 fingerprint() const override { return {}; }

 private:
  const std::string bytes_;
  const size_t piece_;
  size_t at_ = 0;
};

inline std::unique_ptr<ByteSource> memory_source(std::string_view bytes, size_t piece) {
  return std::make_unique<MemorySource>(std::string(bytes), piece);
}

}  // namespace purvey::base
