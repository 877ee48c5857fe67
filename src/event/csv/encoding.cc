#include "event/csv/encoding.h"

#include <fmt/core.h>
#include <iconv.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace purvey::event::csv {
namespace {

struct Name {
  std::string_view name;
  Encoding encoding;
};

/// The first name of an encoding is the one that is printed.
constexpr std::array kNames = {
    Name{"auto", Encoding::kDetect},
    Name{"utf-8", Encoding::kUtf8},
    Name{"utf8", Encoding::kUtf8},
    Name{"utf-16le", Encoding::kUtf16Le},
    Name{"utf-16be", Encoding::kUtf16Be},
    Name{"gb18030", Encoding::kGb18030},
    Name{"gbk", Encoding::kGb18030},
    Name{"gb2312", Encoding::kGb18030},
    Name{"windows-1252", Encoding::kWindows1252},
    Name{"cp1252", Encoding::kWindows1252},
    Name{"latin-1", Encoding::kLatin1},
    Name{"latin1", Encoding::kLatin1},
    Name{"iso-8859-1", Encoding::kLatin1},
};

const char* iconv_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::kDetect:
    case Encoding::kUtf8:
      return "UTF-8";
    case Encoding::kUtf16Le:
      return "UTF-16LE";
    case Encoding::kUtf16Be:
      return "UTF-16BE";
    case Encoding::kGb18030:
      return "GB18030";
    case Encoding::kWindows1252:
      return "CP1252";
    case Encoding::kLatin1:
      return "ISO-8859-1";
  }
  return "UTF-8";
}

/// What wraps another source and reports that one's size, progress and fingerprint.
class WrappedSource : public base::ByteSource {
 public:
  explicit WrappedSource(std::unique_ptr<base::ByteSource> inner) : inner_(std::move(inner)) {}
  uint64_t raw_bytes() const override { return inner_->raw_bytes(); }
  uint64_t raw_size() const override { return inner_->raw_size(); }
  base::Hash128 fingerprint() const override { return inner_->fingerprint(); }

 protected:
  base::ByteSource& inner() { return *inner_; }
  bool has_inner() const { return inner_ != nullptr; }

 private:
  std::unique_ptr<base::ByteSource> inner_;
};

class PutBackSource final : public WrappedSource {
 public:
  PutBackSource(std::string head, std::unique_ptr<base::ByteSource> inner)
      : WrappedSource(std::move(inner)), head_(std::move(head)) {}

  base::Result<size_t> read(std::span<char> into) override {
    if (at_ == head_.size()) return has_inner() ? inner().read(into) : size_t{0};
    const size_t count = std::min(into.size(), head_.size() - at_);
    std::memcpy(into.data(), head_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string head_;
  size_t at_ = 0;
};

class DecodingSource final : public WrappedSource {
 public:
  DecodingSource(std::unique_ptr<base::ByteSource> inner, iconv_t converter, size_t unit)
      : WrappedSource(std::move(inner)), converter_(converter), unit_(unit), block_(kBlock) {}
  ~DecodingSource() override { iconv_close(converter_); }
  DecodingSource(const DecodingSource&) = delete;
  DecodingSource& operator=(const DecodingSource&) = delete;

  base::Result<size_t> read(std::span<char> into) override {
    constexpr size_t kLeast = 8;  // the longest letter in UTF-8, and room for the marker
    if (into.size() < kLeast) return read_small(into);
    for (;;) {
      if (at_ == end_ && !ended_) PURVEY_TRY(refill());
      if (at_ == end_) return size_t{0};
      const size_t made = PURVEY_TRY(convert(into));
      if (made > 0) return made;
    }
  }

 private:
  static constexpr size_t kBlock = 1U << 16;

  base::Result<size_t> read_small(std::span<char> into) {
    if (small_at_ == small_.size()) {
      small_.resize(64);
      small_.resize(PURVEY_TRY(read(std::span(small_.data(), small_.size()))));
      small_at_ = 0;
    }
    const size_t count = std::min(into.size(), small_.size() - small_at_);
    std::memcpy(into.data(), small_.data() + small_at_, count);
    small_at_ += count;
    return count;
  }

  base::Result<void> refill() {
    std::memmove(block_.data(), block_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = 0;
    const size_t got = PURVEY_TRY(inner().read(std::span(block_).subspan(end_)));
    end_ += got;
    ended_ = got == 0;
    return {};
  }

  /// Bytes written; marks what cannot be decoded and steps over it.
  base::Result<size_t> convert(std::span<char> into) {
    char* in = block_.data() + at_;
    size_t in_left = end_ - at_;
    char* out = into.data();
    size_t out_left = into.size();
    const size_t code = iconv(converter_, &in, &in_left, &out, &out_left);
    const int why = errno;
    at_ = end_ - in_left;
    if (code != static_cast<size_t>(-1) || why == E2BIG) return into.size() - out_left;
    if (why == EINVAL && !ended_) {  // a letter cut by the end of the block
      PURVEY_TRY(refill());
      return into.size() - out_left;
    }
    if (out_left > 0) {
      *out = kDamageMark;
      --out_left;
      at_ += std::min(unit_, end_ - at_);
    }
    iconv(converter_, nullptr, nullptr, nullptr, nullptr);
    return into.size() - out_left;
  }

  const iconv_t converter_;
  const size_t unit_;  ///< bytes to step over when they cannot be decoded
  std::vector<char> block_;
  size_t at_ = 0;
  size_t end_ = 0;
  bool ended_ = false;
  std::string small_;
  size_t small_at_ = 0;
};

/// The sample without a letter that its end may have cut.
std::string_view without_cut_letter(std::string_view sample) {
  for (size_t back = 1; back <= 3 && back <= sample.size(); ++back) {
    const auto byte = static_cast<unsigned char>(sample[sample.size() - back]);
    if (byte < 0x80) break;
    if (byte >= 0xC0) return sample.substr(0, sample.size() - back);
  }
  return sample;
}

std::optional<Encoding> by_zero_bytes(std::string_view sample) {
  size_t even = 0;
  size_t odd = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    if (sample[i] == '\0') ++(i % 2 == 0 ? even : odd);
  }
  const size_t half = sample.size() / 2;
  if (odd > half / 2 && even <= odd / 8) return Encoding::kUtf16Le;
  if (even > half / 2 && odd <= even / 8) return Encoding::kUtf16Be;
  return std::nullopt;
}

/// Whether most high bytes stand in pairs of the common Chinese rows (B0-F7, second byte A1-FE).
bool looks_chinese(std::string_view sample) {
  size_t high = 0;
  size_t paired = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    const auto first = static_cast<unsigned char>(sample[i]);
    if (first < 0x80) continue;
    ++high;
    if (i + 1 == sample.size()) break;
    const auto second = static_cast<unsigned char>(sample[i + 1]);
    if (first >= 0xA1 && first <= 0xF7 && second >= 0xA1 && second != 0xFF) {
      ++high;
      paired += 2;
      ++i;
    }
  }
  constexpr size_t kPercent = 70;
  return high > 0 && paired * 100 >= high * kPercent;
}

/// Whether ten letters of several bytes are right UTF-8 for each byte that is not: one damaged row
/// must not turn a whole file into other letters.
bool is_mostly_utf8(std::string_view sample) {
  if (simdjson::validate_utf8(sample.data(), sample.size())) return true;
  constexpr size_t kRightForEachWrong = 10;
  size_t right = 0;
  size_t wrong = 0;
  for (size_t at = 0; at < sample.size();) {
    const auto first = static_cast<unsigned char>(sample[at]);
    const size_t size = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    const auto letter = sample.substr(at, size);
    const bool valid = simdjson::validate_utf8(letter.data(), letter.size());
    if (size > 1) ++(valid ? right : wrong);
    at += valid ? size : 1;
  }
  return right >= kRightForEachWrong * wrong;
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  for (const Name& name : kNames) {
    if (name.encoding == encoding) return name.name;
  }
  return "";
}

std::optional<Encoding> find_encoding(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const Name& known : kNames) {
    if (known.name == lower) return known.encoding;
  }
  return std::nullopt;
}

Encoding detect_encoding(std::string_view sample) {
  using namespace std::string_view_literals;
  if (sample.starts_with("\xEF\xBB\xBF"sv)) return Encoding::kUtf8;
  if (sample.starts_with("\xFF\xFE"sv)) return Encoding::kUtf16Le;
  if (sample.starts_with("\xFE\xFF"sv)) return Encoding::kUtf16Be;
  if (const auto wide = by_zero_bytes(sample)) return *wide;
  const auto whole = without_cut_letter(sample);
  if (is_mostly_utf8(whole)) return Encoding::kUtf8;
  return looks_chinese(sample) ? Encoding::kGb18030 : Encoding::kWindows1252;
}

base::Result<std::unique_ptr<base::ByteSource>> decode_to_utf8(
    std::unique_ptr<base::ByteSource> source, Encoding encoding) {
  if (encoding == Encoding::kUtf8 || encoding == Encoding::kDetect) return source;
  const iconv_t converter = iconv_open("UTF-8", iconv_name(encoding));
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return base::unsupported(fmt::format("this system cannot decode {}; save the file as UTF-8",
                                         encoding_name(encoding)));
  }
  const bool wide = encoding == Encoding::kUtf16Le || encoding == Encoding::kUtf16Be;
  std::unique_ptr<base::ByteSource> decoded =
      std::make_unique<DecodingSource>(std::move(source), converter, wide ? 2 : 1);
  return decoded;
}

std::unique_ptr<base::ByteSource> put_back(std::string head,
                                           std::unique_ptr<base::ByteSource> source) {
  return std::make_unique<PutBackSource>(std::move(head), std::move(source));
}

}  // namespace purvey::event::csv
