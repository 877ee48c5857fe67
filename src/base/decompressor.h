#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace purvey::base {

/// Unpacks one gzip or zstd stream that comes in pieces; several members or frames in a row are one
/// stream. To be used by one thread.
class Decompressor {
 public:
  /// What one step came to.
  struct Step {
    size_t taken;  ///< bytes of the input that need not be given again
    size_t made;   ///< bytes of the output, from its front
  };

  virtual ~Decompressor() = default;

  /// Unpacks some of `packed` into `into`; goes on until one of the two is used up, or stops
  /// earlier between members. An empty `packed` gives what is still held back. Errors: kCorrupt,
  /// kExhausted without memory; the message says what is wrong, not where.
  virtual Result<Step> step(std::span<const char> packed, std::span<char> into) = 0;

  /// Whether the stream may end here: a member or frame is whole and no other has begun.
  virtual bool is_whole() const = 0;
};

std::unique_ptr<Decompressor> make_gzip_decompressor();

/// Frames that need a larger window than 2^`window_log_max` bytes are refused as kCorrupt.
std::unique_ptr<Decompressor> make_zstd_decompressor(int window_log_max);

}  // namespace purvey::base
