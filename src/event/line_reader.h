#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"

namespace purvey::event {

/// The largest line of NDJSON, and so the largest event: a longer one is refused whole.
inline constexpr size_t kLineBytesMax = 1U << 20;

/// Lines of a byte source, one after the other, ended by LF or CR LF or the end of the file; a byte
/// order mark at the front and lines of nothing but blanks are passed over.
class LineReader {
 public:
  struct Line {
    /// Without its end. Valid until the next call; at least 64 readable bytes follow it.
    std::string_view text = {};
    uint64_t number = 0;    ///< 1-based
    bool too_long = false;  ///< longer than kLineBytesMax: `text` holds the first kilobyte
    bool end = false;       ///< nothing is left; the rest says nothing
  };

  explicit LineReader(std::unique_ptr<base::ByteSource> source);

  /// Errors: those of ByteSource::read().
  base::Result<Line> next();

  const base::ByteSource& source() const { return *source_; }

 private:
  static constexpr size_t kPadding = 64;
  // Small, as many small files may be open at once; doubled each time that a read has filled it, up
  // to a line and as much again.
  static constexpr size_t kBufferFirst = (1U << 14) + kPadding;
  static constexpr size_t kBufferMost = kLineBytesMax + (1U << 20) + kPadding;
  static constexpr size_t kHeadBytes = 1024;

  base::Result<bool> refill();
  base::Result<Line> skip_long_line();
  std::string_view ready() const { return {buffer_.data() + at_, end_ - at_}; }

  std::unique_ptr<base::ByteSource> source_;
  std::vector<char> buffer_;
  size_t at_ = 0;
  size_t end_ = 0;
  uint64_t number_ = 0;
  bool drained_ = false;
  std::string long_head_;
};

}  // namespace purvey::event
