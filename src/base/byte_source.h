#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/hash.h"
#include "base/result.h"

namespace purvey::base {

/// The bytes of a file from front to back, decompressed if they are gzip or zstd (told by the first
/// bytes, not by the name; several members or frames in a row are read as one).
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Fills a part of `into` from its front; 0 at the end. Errors: as read_error(); kCorrupt if
  /// compressed bytes are damaged or end too early.
  virtual Result<size_t> read(std::span<char> into) = 0;

  /// Bytes of the file taken in so far (compressed ones where it is compressed).
  virtual uint64_t raw_bytes() const = 0;

  /// Size of the file when it was opened; 0 if unknown, as for a pipe.
  virtual uint64_t raw_size() const = 0;

  /// XXH3-128 of the raw bytes; whole once read() has given 0.
  virtual Hash128 fingerprint() const = 0;
};

/// Opens a regular file or a pipe. Errors: as read_error() of base/file.h.
Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path);

}  // namespace purvey::base
