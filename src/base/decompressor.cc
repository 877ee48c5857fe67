#include "base/decompressor.h"

#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

namespace purvey::base {
namespace {

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() {
    constexpr int kGzipOnly = 15 + 16;
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  ~GzipDecompressor() override { inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  Result<Step> step(std::span<const char> packed, std::span<char> into) override {
    if (!ready_) return exhausted("no memory for a gzip stream");
    if (packed.empty() && is_whole_) return Step{0, 0};
    if (between_members_) {
      inflateReset(&stream_);
      between_members_ = false;
    }
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    packed = packed.first(std::min(packed.size(), kMost));
    into = into.first(std::min(into.size(), kMost));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END) {
      return corrupt(fmt::format("the gzip stream is damaged ({})",
                                 stream_.msg != nullptr ? stream_.msg : "no reason given"));
    }
    between_members_ = is_whole_ = code == Z_STREAM_END;
    return Step{packed.size() - stream_.avail_in, into.size() - stream_.avail_out};
  }

  bool is_whole() const override { return is_whole_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool between_members_ = false;
  bool is_whole_ = false;
};

class ZstdDecompressor final : public Decompressor {
 public:
  explicit ZstdDecompressor(int window_log_max) : stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, window_log_max);
  }
  ~ZstdDecompressor() override { ZSTD_freeDStream(stream_); }
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;

  Result<Step> step(std::span<const char> packed, std::span<char> into) override {
    if (stream_ == nullptr) return exhausted("no memory for a zstd stream");
    if (packed.empty() && is_whole_) return Step{0, 0};
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const size_t hint = ZSTD_decompressStream(stream_, &out, &in);
    if (ZSTD_isError(hint)) {
      return corrupt(fmt::format("the zstd stream is damaged ({})", ZSTD_getErrorName(hint)));
    }
    is_whole_ = hint == 0;
    return Step{in.pos, out.pos};
  }

  bool is_whole() const override { return is_whole_; }

 private:
  ZSTD_DStream* stream_;
  bool is_whole_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> make_gzip_decompressor() {
  return std::make_unique<GzipDecompressor>();
}

std::unique_ptr<Decompressor> make_zstd_decompressor(int window_log_max) {
  return std::make_unique<ZstdDecompressor>(window_log_max);
}

}  // namespace purvey::base
