#include "event/json_encoder.h"

#include <gtest/gtest.h>

#include "event/json_decoder.h"

namespace purvey::event {
namespace {

TEST(JsonEncoderTest, what_is_encoded_decodes_to_the_same_payload) {
  base::Dictionary names;
  JsonDecoder decoder(names, Pseudonymizer(Pseudonymizer::published_key()), std::nullopt);
  EventBatch batch;
  const auto decode = [&](std::string line) -> const EventRow& {
    const size_t size = line.size();
    line.append(64, ' ');
    decoder.decode(std::string_view(line).substr(0, size), batch);
    return batch.rows.back();
  };
  const std::pair<const char*, const char*> events[] = {
      {"order.shipped",
       R"({"order_id":"o\"1","carrier":"顺丰","inferred":true,"lines":[{"sku":"A","qty":2}]})"},
      {"payment.failed", R"({"order_id":"o","amount":12.3,"method":"card","latency_ms":0.1})"},
      {"stock.moved", R"({"sku":"A","warehouse":"W","qty":-1,"reason":"damage","unit_cost":2})"},
      {"metric.sample", R"({"name":"t","value":-1e-7,"labels":{"b":"1","a":"\\"}})"},
      {"metric.sample", R"({"name":"t","value":null})"},
      {"feedback.rated", R"({"score":4.5,"text":"很好\n\"ok\""})"},
      {"promotion.planned",
       R"({"promotion_id":"p","starts_at":"2026-01-01T00:00:00.5+08:00","ends_at":"2026-02-01T00:00:00Z"})"},
  };
  for (const auto& [type, data] : events) {
    const std::string line =
        std::string(R"({"specversion":"1.0","id":"1","source":"/s","type":")") + type +
        R"(","time":"2026-01-02T03:04:05.000001Z","data":)" + data + "}";
    const EventRow first = decode(line);
    ASSERT_FALSE(first.refused) << batch.refusals.back().refusal.detail;
    const EventRow second = decode(encode_json(batch, first, names));
    ASSERT_FALSE(second.refused) << batch.refusals.back().refusal.detail;
    EXPECT_EQ(second.payload_hash, first.payload_hash) << type;
    EXPECT_EQ(second.id_hash, first.id_hash);
  }
}

}  // namespace
}  // namespace purvey::event
