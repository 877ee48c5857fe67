#include "event/batch_codec.h"

#include <gtest/gtest.h>

#include <random>

#include "event/json_decoder.h"
#include "event/json_encoder.h"

namespace purvey::event {
namespace {

class BatchCodecTest : public ::testing::Test {
 protected:
  void decode_line(std::string line) {
    const size_t size = line.size();
    line.append(64, ' ');
    decoder_.decode(std::string_view(line).substr(0, size), batch_);
  }

  void decode_event(std::string_view type, std::string_view data) {
    std::string line = R"({"specversion":"1.0","id":"e)" + std::to_string(batch_.rows.size());
    line.append(R"(","source":"/shop/\"1","time":"2026-01-02T03:04:05.000001Z","type":")");
    line.append(type).append(R"(","data":)").append(data).append("}");
    decode_line(line);
  }

  /// One event of every kind with every field, and refused ones.
  void fill() {
    for (const KindSpec& kind : kSchema) {
      std::string data;
      for (const FieldSpec& field : kind.fields) {
        data.append(data.empty() ? "{\"" : ",\"").append(field.name).append("\":");
        data += sample_of(field);
      }
      decode_event(kind.type, data + "}");
    }
    decode_event("metric.sample", R"({"name":"t","value":null})");
    decode_line(R"({"specversion":"1.0","id":"x","source":"/s","type":"order.paid"})");
    decode_line("no JSON, 138 0013 8000");
  }

  static std::string sample_of(const FieldSpec& field) {
    switch (field.type) {
      case FieldType::kMoney:
        return "12.34";
      case FieldType::kInteger:
      case FieldType::kNumber:
        return "1";
      case FieldType::kTime:
        return field.name == "ends_at" ? "\"2027-01-01T00:00:00Z\"" : "\"2026-01-01T00:00:00Z\"";
      case FieldType::kFlag:
        return "true";
      case FieldType::kChoice:
        return "\"" + std::string(field.choices.substr(0, field.choices.find(' '))) + "\"";
      case FieldType::kLines:
        return R"([{"sku":"A","qty":2,"price":1.5},{"line_no":7,"sku":"B","qty":1,"price":0}])";
      case FieldType::kLabels:
        return R"({"b":"1","a":"\\"})";
      default:
        return field.name == "currency" ? "\"EUR\"" : "\"名 \\\"n\\\"\"";
    }
  }

  std::string encoded(size_t begin, size_t end) const {
    std::string bytes;
    encode_rows(batch_, begin, end, names_, bytes);
    return bytes;
  }

  void expect_same(size_t begin, const EventBatch& other, const base::Dictionary& names) const {
    for (size_t i = 0; i < other.rows.size(); ++i) {
      const EventRow& a = batch_.rows[begin + i];
      const EventRow& b = other.rows[i];
      ASSERT_EQ(b.refused, a.refused);
      EXPECT_EQ(b.id_hash, a.id_hash);
      EXPECT_EQ(b.payload_hash, a.payload_hash);
      EXPECT_EQ(b.time, a.time);
      EXPECT_EQ(b.verdict, a.verdict);
      EXPECT_EQ(other.text(b.id), batch_.text(a.id));
      EXPECT_EQ(names.text(b.source), names_.text(a.source));
      if (a.refused) {
        expect_same_refusal(batch_.refusals[a.row], other, other.refusals[b.row]);
      } else {
        EXPECT_EQ(encode_json(other, b, names), encode_json(batch_, a, names_));
        EXPECT_EQ(b.currency, a.currency);
        EXPECT_EQ(b.id.hash, a.id.hash);
      }
    }
  }

  void expect_same_refusal(const EventBatch::Refused& a, const EventBatch& other,
                           const EventBatch::Refused& b) const {
    EXPECT_EQ(b.refusal.reason, a.refusal.reason);
    EXPECT_EQ(b.refusal.detail, a.refusal.detail);
    EXPECT_EQ(other.text(b.raw), batch_.text(a.raw));
  }

  base::Dictionary names_;
  JsonDecoder decoder_{names_, Pseudonymizer(Pseudonymizer::published_key()), std::nullopt};
  EventBatch batch_;
};

TEST_F(BatchCodecTest, every_kind_and_field_comes_back) {
  fill();
  ASSERT_EQ(batch_.rows.size(), kEventKinds + 3);
  ASSERT_EQ(batch_.refusals.size(), 2U)
      << batch_.refusals[0].refusal.detail + ", " + batch_.refusals[1].refusal.detail;
  base::Dictionary names;
  names.intern("another dictionary");
  EventBatch back;
  const auto done = decode_rows(encoded(0, batch_.rows.size()), names, back);
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(back.rows.size(), batch_.rows.size());
  expect_same(0, back, names);
}

TEST_F(BatchCodecTest, slices_add_up) {
  fill();
  base::Dictionary names;
  EventBatch back;
  for (size_t begin = 0; begin < batch_.rows.size(); begin += 7) {
    const size_t end = std::min(begin + 7, batch_.rows.size());
    ASSERT_TRUE(decode_rows(encoded(begin, end), names, back));
  }
  ASSERT_EQ(back.rows.size(), batch_.rows.size());
  expect_same(0, back, names);
}

TEST_F(BatchCodecTest, no_rows_are_a_batch_too) {
  base::Dictionary names;
  EventBatch back;
  ASSERT_TRUE(decode_rows(encoded(0, 0), names, back));
  EXPECT_TRUE(back.rows.empty());
}

TEST_F(BatchCodecTest, every_prefix_is_refused) {
  fill();
  const std::string bytes = encoded(0, batch_.rows.size());
  for (size_t size = 0; size < bytes.size(); ++size) {
    base::Dictionary names;
    EventBatch back;
    const auto done = decode_rows(std::string_view(bytes).substr(0, size), names, back);
    ASSERT_FALSE(done) << size;
    EXPECT_EQ(done.error().code, base::ErrorCode::kCorrupt);
  }
}

TEST_F(BatchCodecTest, damaged_bytes_are_refused_or_give_rows_that_can_be_read) {
  fill();
  const std::string bytes = encoded(0, batch_.rows.size());
  std::mt19937 random(7);
  size_t refused = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::string damaged = bytes;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    base::Dictionary names;
    EventBatch back;
    if (!decode_rows(damaged, names, back)) {
      ++refused;
      continue;
    }
    for (const EventRow& row : back.rows) {
      EXPECT_TRUE(row.refused || !encode_json(back, row, names).empty());
    }
  }
  EXPECT_GT(refused, 500U);
}

TEST_F(BatchCodecTest, a_later_version_is_told) {
  base::Dictionary names;
  EventBatch back;
  const auto done = decode_rows("\x02", names, back);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kUnsupported);
}

TEST_F(BatchCodecTest, a_full_dictionary_is_told) {
  fill();
  base::Dictionary names(3);
  EventBatch back;
  const auto done = decode_rows(encoded(0, batch_.rows.size()), names, back);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kExhausted);
}

}  // namespace
}  // namespace purvey::event
