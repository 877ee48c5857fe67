#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace purvey::base {

/// Appends values to a byte string: little-endian base-128 varints (zigzag for signed), 8-byte
/// words, counted texts.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void varint(uint64_t value);
  void zigzag(int64_t value);
  void word(uint64_t value);  ///< 8 bytes, little-endian
  void text(std::string_view value);

 private:
  std::string& out_;
};

/// Reads what ByteWriter wrote. Damaged input never reads past the end: the reader turns bad, gives
/// zeros from there on, and `finish()` says so. Callers check counts that size a loop or an
/// allocation with `fits()`.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t varint();
  int64_t zigzag();
  uint64_t word();
  std::string_view text();  ///< a view into the input

  /// False, and the reader turns bad, if `count` items of at least `least` bytes cannot follow.
  bool fits(uint64_t count, uint64_t least);
  /// For values that nothing can have written: the reader turns bad.
  void spoil() { ok_ = false; }
  bool ok() const { return ok_; }

  /// An error (kCorrupt) if anything was bad or bytes are left over; `what` names the input.
  Result<void> finish(std::string_view what) const;

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace purvey::base
