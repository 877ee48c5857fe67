#include "base/decompressor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/packing_fixture.h"

namespace purvey::base {
namespace {

/// All of `packed`, given `in_piece` bytes at a time and taken `out_piece` at a time.
Result<std::string> unpack(Decompressor& decompressor, const std::string& packed, size_t in_piece,
                           size_t out_piece) {
  std::string all;
  std::vector<char> block(out_piece);
  std::span<const char> left(packed);
  for (;;) {
    const auto given = left.first(std::min(in_piece, left.size()));
    const auto step = PURVEY_TRY(decompressor.step(given, block));
    left = left.subspan(step.taken);
    all.append(block.data(), step.made);
    if (left.empty() && step.made == 0) return all;
  }
}

struct Form {
  std::string (*pack)(const std::string&);
  std::unique_ptr<Decompressor> (*make)();
};

const Form kForms[] = {{gzip, make_gzip_decompressor},
                       {zstd, [] { return make_zstd_decompressor(23); }}};

TEST(DecompressorTest, pieces_of_any_size_give_the_same_bytes) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += std::to_string(i) + "\n";
  for (const Form& form : kForms) {
    const std::string packed = form.pack(text) + form.pack("") + form.pack("the end");
    for (const size_t in_piece : {1U, 7U, 100'000U}) {
      for (const size_t out_piece : {1U, 13U, 100'000U}) {
        const auto decompressor = form.make();
        EXPECT_EQ(unpack(*decompressor, packed, in_piece, out_piece).value(), text + "the end");
        EXPECT_TRUE(decompressor->is_whole());
      }
    }
  }
}

TEST(DecompressorTest, a_stream_cut_anywhere_is_not_whole) {
  for (const Form& form : kForms) {
    const std::string packed = form.pack("a text that is long enough to be cut");
    for (size_t size = 0; size < packed.size(); ++size) {
      const auto decompressor = form.make();
      const auto text = unpack(*decompressor, packed.substr(0, size), 100, 100);
      EXPECT_TRUE(text.has_value()) << size;
      EXPECT_FALSE(decompressor->is_whole()) << size;
    }
  }
}

TEST(DecompressorTest, what_follows_the_end_is_damage) {
  for (const Form& form : kForms) {
    const auto decompressor = form.make();
    const auto text = unpack(*decompressor, form.pack("text") + "and more", 100, 100);
    ASSERT_FALSE(text.has_value());
    EXPECT_EQ(text.error().code, ErrorCode::kCorrupt);
  }
}

TEST(DecompressorTest, a_zstd_frame_with_too_large_a_window_is_refused) {
  const std::string text(1U << 21, 'x');
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 21);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  packed.resize(out.pos);

  EXPECT_EQ(unpack(*make_zstd_decompressor(21), packed, 1000, 1000).value(), text);
  const auto refused = unpack(*make_zstd_decompressor(20), packed, 1000, 1000);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace purvey::base
