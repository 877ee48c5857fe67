#include "serve/internal/body_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace purvey::serve {
namespace {

std::string gzip(const std::string& text) {
  std::string packed(text.size() / 500 + 10'000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

class BodyReaderTest : public testing::Test {
 protected:
  /// The body, or the status of the answer in its place as text.
  std::string read(Packing packing, const std::string& bytes, size_t piece = 1000) {
    BodyReader reader(packing, bytes.size(), limits_, budget_);
    for (size_t at = 0; at < bytes.size(); at += piece) {
      const auto taken = reader.take(std::string_view(bytes).substr(at, piece));
      if (!taken) return std::to_string(taken.error().status);
    }
    auto body = reader.finish();
    held_ = budget_->held();
    return body ? std::move(*body) : std::to_string(body.error().status);
  }

  HttpLimits limits_ = {};
  std::shared_ptr<BodyBudget> budget_ = std::make_shared<BodyBudget>(256 << 20);
  size_t held_ = 0;  ///< of the budget, before the reader's end
};

TEST_F(BodyReaderTest, all_packings_give_the_text) {
  const std::string text = "a text that comes back " + std::string(3000, '.');
  for (const size_t piece : {1U, 100U, 100'000U}) {
    EXPECT_EQ(read(Packing::kNone, text, piece), text);
    EXPECT_EQ(read(Packing::kGzip, gzip(text), piece), text);
    EXPECT_EQ(read(Packing::kZstd, zstd(text), piece), text);
  }
}

TEST_F(BodyReaderTest, damage_and_early_ends_are_refused) {
  const std::string text(3000, '.');
  for (const auto& [packing, packed] :
       {std::pair(Packing::kGzip, gzip(text)), std::pair(Packing::kZstd, zstd(text))}) {
    EXPECT_EQ(read(packing, packed.substr(0, packed.size() - 1)), "400");
    EXPECT_EQ(read(packing, packed + "x"), "400");
    EXPECT_EQ(read(packing, text), "400");
    EXPECT_EQ(read(packing, ""), "400");
  }
}

TEST_F(BodyReaderTest, a_bomb_is_stopped_by_its_ratio) {
  limits_.unpacked_bytes = SIZE_MAX;
  const std::string text(32 << 20, '\0');
  for (const auto& [packing, packed] :
       {std::pair(Packing::kGzip, gzip(text)), std::pair(Packing::kZstd, zstd(text))}) {
    EXPECT_EQ(read(packing, packed), "413");
  }
  // Within the free megabyte the ratio does not matter.
  EXPECT_EQ(read(Packing::kZstd, zstd(std::string(1 << 20, '\0'))).size(), 1U << 20);
}

TEST_F(BodyReaderTest, limits_hold_at_their_last_byte) {
  limits_.body_bytes = 1000;
  EXPECT_EQ(read(Packing::kNone, std::string(1000, 'x')).size(), 1000U);
  EXPECT_EQ(read(Packing::kNone, std::string(1001, 'x')), "413");
  limits_.unpacked_bytes = 5000;
  EXPECT_EQ(read(Packing::kGzip, gzip(std::string(5000, 'x'))).size(), 5000U);
  EXPECT_EQ(read(Packing::kGzip, gzip(std::string(5001, 'x'))), "413");
}

TEST_F(BodyReaderTest, what_it_holds_is_counted_and_given_back) {
  budget_ = std::make_shared<BodyBudget>(10'000);
  EXPECT_EQ(read(Packing::kNone, std::string(9'000, 'x')).size(), 9'000U);
  EXPECT_EQ(held_, 9'000U);
  EXPECT_EQ(budget_->held(), 0U);
  EXPECT_EQ(read(Packing::kNone, std::string(10'001, 'x')), "503");
  EXPECT_EQ(budget_->held(), 0U);
}

TEST_F(BodyReaderTest, a_promise_alone_takes_little) {
  BodyReader reader(Packing::kNone, 8 << 20, limits_, budget_);
  ASSERT_TRUE(reader.take(std::string(100, 'x')).has_value());
  EXPECT_EQ(budget_->held(), 1U << 20);
}

TEST_F(BodyReaderTest, its_share_lives_as_long_as_it_is_held) {
  std::shared_ptr<BodyShare> share;
  {
    BodyReader reader(Packing::kNone, 100, limits_, budget_);
    ASSERT_TRUE(reader.take(std::string(100, 'x')).has_value());
    share = reader.share();
  }
  EXPECT_EQ(budget_->held(), 100U);
  share.reset();
  EXPECT_EQ(budget_->held(), 0U);
}

}  // namespace
}  // namespace purvey::serve
