#include "serve/internal/body_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "serve/internal/refusals.h"

namespace purvey::serve {
namespace {

/// The largest window that RFC 8878 asks of every reader of zstd; more is memory at a client's
/// wish.
constexpr int kZstdWindowLogMax = 23;
constexpr size_t kUnpackedBlock = 64 * 1024;
/// Memory taken on the word of a head alone; beyond it, a body takes as it comes.
constexpr size_t kReservedMost = 1 << 20;

std::unique_ptr<base::Decompressor> make_decompressor(Packing packing) {
  switch (packing) {
    case Packing::kNone:
      return nullptr;
    case Packing::kGzip:
      return base::make_gzip_decompressor();
    case Packing::kZstd:
      return base::make_zstd_decompressor(kZstdWindowLogMax);
  }
  return nullptr;
}

}  // namespace

BodyReader::BodyReader(Packing packing, uint64_t announced, const HttpLimits& limits,
                       std::shared_ptr<BodyBudget> budget)
    : limits_(limits),
      announced_(announced),
      share_(std::make_shared<BodyShare>(std::move(budget))),
      decompressor_(make_decompressor(packing)) {}

Judged<void> BodyReader::expect(uint64_t bytes) const {
  if (bytes <= limits_.body_bytes - taken_) return {};
  return refuse(413, "too_large",
                fmt::format("body: more than {} bytes; send smaller batches", limits_.body_bytes));
}

Judged<void> BodyReader::take(std::string_view piece) {
  if (auto room = expect(piece.size()); !room) return room;
  taken_ += piece.size();
  return decompressor_ ? unpack(piece) : append(piece);
}

Judged<std::string> BodyReader::finish() {
  if (decompressor_ && !decompressor_->is_whole()) {
    return tl::unexpected(bad_body("its compressed bytes end too early"));
  }
  return std::move(body_);
}

Judged<void> BodyReader::unpack(std::string_view piece) {
  std::array<char, kUnpackedBlock> block;
  std::span<const char> left(piece);
  for (;;) {
    const auto step = decompressor_->step(left, block);
    if (!step) return tl::unexpected(bad_body(step.error().message));
    left = left.subspan(step->taken);
    if (auto kept = append({block.data(), step->made}); !kept) return kept;
    if (left.empty() && step->made < block.size()) return {};
  }
}

Judged<void> BodyReader::append(std::string_view bytes) {
  const size_t size = body_.size() + bytes.size();
  if (decompressor_ && size > unpacked_most()) {
    return refuse(
        413, "too_large",
        fmt::format("body: more than {} bytes once unpacked, or packed more than {} to 1; "
                    "send smaller batches",
                    limits_.unpacked_bytes, limits_.unpacked_ratio));
  }
  if (size > body_.capacity()) {
    const size_t announced = decompressor_ ? 0 : std::min<size_t>(announced_, kReservedMost);
    const size_t capacity = std::max({size, 2 * body_.capacity(), announced});
    if (!share_->grow_to(capacity)) return tl::unexpected(overloaded());
    body_.reserve(capacity);
  }
  body_.append(bytes);
  return {};
}

size_t BodyReader::unpacked_most() const {
  const uint64_t by_ratio = limits_.ratio_free_bytes + limits_.unpacked_ratio * taken_;
  return std::min<uint64_t>(limits_.unpacked_bytes, by_ratio);
}

}  // namespace purvey::serve
