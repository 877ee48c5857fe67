#include "event/line_reader.h"

#include <algorithm>
#include <cstring>

namespace purvey::event {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF"sv;
constexpr size_t kNotCounted = kByteOrderMark.size() + 1;  // with the return at its end

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r"sv) == std::string_view::npos;
}

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

LineReader::LineReader(std::unique_ptr<base::ByteSource> source)
    : source_(std::move(source)), buffer_(kBufferFirst) {}

base::Result<LineReader::Line> LineReader::next() {
  for (;;) {
    const auto* newline = static_cast<const char*>(
        at_ == end_ ? nullptr : std::memchr(buffer_.data() + at_, '\n', end_ - at_));
    if (newline == nullptr && end_ - at_ > kLineBytesMax + kNotCounted) return skip_long_line();
    if (newline == nullptr && PURVEY_TRY(refill())) continue;

    std::string_view line = ready();
    if (newline != nullptr) line = line.substr(0, static_cast<size_t>(newline - line.data()));
    if (newline == nullptr && line.empty()) return Line{.end = true};
    at_ += line.size() + (newline != nullptr ? 1 : 0);
    ++number_;
    if (number_ == 1 && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
    }
    line = without_return(line);
    if (line.size() > kLineBytesMax) {
      return Line{.text = line.substr(0, kHeadBytes), .number = number_, .too_long = true};
    }
    if (is_blank(line)) continue;
    return Line{.text = line, .number = number_};
  }
}

/// More bytes behind what is ready; false if the source has no more.
base::Result<bool> LineReader::refill() {
  if (drained_) return false;
  const bool was_full = end_ == buffer_.size() - kPadding;
  if (at_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = 0;
  }
  if (was_full) buffer_.resize(std::min(2 * buffer_.size(), kBufferMost));
  const auto space = std::span(buffer_).subspan(end_, buffer_.size() - kPadding - end_);
  const size_t got = PURVEY_TRY(source_->read(space));
  end_ += got;
  drained_ = got == 0;
  return got > 0;
}

base::Result<LineReader::Line> LineReader::skip_long_line() {
  ++number_;
  long_head_.assign(buffer_.data() + at_, kHeadBytes);
  for (;;) {
    const auto* newline =
        static_cast<const char*>(std::memchr(buffer_.data() + at_, '\n', end_ - at_));
    if (newline != nullptr) {
      at_ = static_cast<size_t>(newline - buffer_.data()) + 1;
      break;
    }
    at_ = end_;
    if (!PURVEY_TRY(refill())) break;
  }
  return Line{.text = long_head_, .number = number_, .too_long = true};
}

}  // namespace purvey::event
