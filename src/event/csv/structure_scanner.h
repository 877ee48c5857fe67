#pragma once

#include <bit>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace purvey::event::csv {

/// Walks the separators and line ends of a text, 64 bytes at a time.
///
/// Each block becomes a mask with one bit for every byte that matters; the walk then jumps from bit
/// to bit (as simdjson and simdcsv do). The text must be readable for kPadding bytes behind its
/// end.
class StructureScanner {
 public:
  static constexpr size_t kPadding = 64;

  explicit StructureScanner(char separator) : separator_(separator) {}

  /// Starts at `at`; `end` is where the text ends.
  void seek(const char* at, const char* end) {
    block_ = at;
    end_ = end;
    mask_ = mask_of(at);
  }

  /// The next separator, CR or LF; `end` if there is none.
  const char* next() {
    while (mask_ == 0) {
      block_ += kPadding;
      if (block_ >= end_) return end_;
      mask_ = mask_of(block_);
    }
    const char* found = block_ + std::countr_zero(mask_);
    mask_ &= mask_ - 1;
    return found < end_ ? found : end_;
  }

 private:
#ifdef __AVX2__
  uint64_t mask_of(const char* at) const {
    const auto half = [&](const char* from) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
      const __m256i hits =
          _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')),
                                          _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\r'))),
                          _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(separator_)));
      return static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(hits)));
    };
    return half(at) | (half(at + 32) << 32);
  }
#else
  uint64_t mask_of(const char* at) const {
    uint64_t mask = 0;
    for (uint64_t i = 0; i < kPadding; ++i) {
      const bool hit = at[i] == separator_ || at[i] == '\n' || at[i] == '\r';
      mask |= static_cast<uint64_t>(hit) << i;
    }
    return mask;
  }
#endif

  const char separator_;
  const char* block_ = nullptr;
  const char* end_ = nullptr;
  uint64_t mask_ = 0;
};

}  // namespace purvey::event::csv
