#include "app/operator_command.h"

#include <gtest/gtest.h>

#include "event/json_decoder.h"

namespace purvey::app {
namespace {

class OperatorCommandTest : public testing::Test {
 protected:
  OperatorCommand retry() {
    OperatorCommand command{.verb = OperatorVerb::kRetry,
                            .letters = {7, 3, 1'000'000'000'000},
                            .events = std::make_shared<event::EventBatch>()};
    event::JsonDecoder decoder(names_, event::Pseudonymizer({}), std::nullopt);
    for (int i = 0; i < 3; ++i) {
      std::string line = R"({"specversion":"1.0","id":")" + std::to_string(i) +
                         R"(","source":"/s","type":"order.paid","time":"2026-01-02T03:04:05Z",)"
                         R"("data":{"order_id":"o"}})";
      const size_t size = line.size();
      line.append(64, ' ');
      decoder.decode(std::string_view(line).substr(0, size), *command.events);
    }
    return command;
  }

  base::Dictionary names_;
};

TEST_F(OperatorCommandTest, it_comes_back_as_it_was) {
  const OperatorCommand given = retry();
  base::Dictionary names;
  const auto read = decode_command(encode_command(given, names_), names);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->verb, OperatorVerb::kRetry);
  EXPECT_EQ(read->letters, given.letters);
  ASSERT_EQ(read->events->rows.size(), 3U);
  EXPECT_EQ(read->events->rows[2].id_hash, given.events->rows[2].id_hash);
  const OperatorCommand discard{.verb = OperatorVerb::kDiscard, .letters = {5}};
  const auto other = decode_command(encode_command(discard, names_), names);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->verb, OperatorVerb::kDiscard);
  EXPECT_EQ(other->letters, discard.letters);
}

TEST_F(OperatorCommandTest, damaged_bytes_are_refused_and_never_read_beyond) {
  const std::string whole = encode_command(retry(), names_);
  for (size_t size = 0; size < whole.size(); ++size) {
    base::Dictionary names;
    EXPECT_FALSE(decode_command(std::string_view(whole).substr(0, size), names)) << size;
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      base::Dictionary names;
      static_cast<void>(decode_command(bytes, names));  // an error or other values, but no crash
    }
  }
  base::Dictionary names;
  EXPECT_EQ(decode_command("\x02\x01", names).error().code, base::ErrorCode::kUnsupported);
  EXPECT_EQ(decode_command("\x01\x09", names).error().code, base::ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace purvey::app
