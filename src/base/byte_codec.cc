#include "base/byte_codec.h"

#include <fmt/core.h>

namespace purvey::base {

void ByteWriter::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>((value & 0x7F) | 0x80));
  out_.push_back(static_cast<char>(value));
}

void ByteWriter::zigzag(int64_t value) {
  varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

void ByteWriter::word(uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out_.push_back(static_cast<char>(value >> shift));
}

void ByteWriter::text(std::string_view value) {
  varint(value.size());
  out_.append(value);
}

uint64_t ByteReader::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; ok_ && shift < 64; shift += 7) {
    if (at_ == bytes_.size()) break;
    const auto byte = static_cast<unsigned char>(bytes_[at_++]);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

int64_t ByteReader::zigzag() {
  const uint64_t value = varint();
  return static_cast<int64_t>((value >> 1) ^ (0 - (value & 1)));
}

uint64_t ByteReader::word() {
  if (!ok_ || bytes_.size() - at_ < 8) {
    ok_ = false;
    return 0;
  }
  uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes_[at_ + i])) << (8 * i);
  }
  at_ += 8;
  return value;
}

std::string_view ByteReader::text() {
  const uint64_t size = varint();
  if (!ok_ || size > bytes_.size() - at_) {
    ok_ = false;
    return {};
  }
  const std::string_view value = bytes_.substr(at_, size);
  at_ += size;
  return value;
}

bool ByteReader::fits(uint64_t count, uint64_t least) {
  if (ok_ && (least == 0 || count <= (bytes_.size() - at_) / least)) return true;
  ok_ = false;
  return false;
}

Result<void> ByteReader::finish(std::string_view what) const {
  if (ok_ && at_ == bytes_.size()) return {};
  return corrupt(fmt::format("{}: damaged at byte {} of {}", what, at_, bytes_.size()));
}

}  // namespace purvey::base
