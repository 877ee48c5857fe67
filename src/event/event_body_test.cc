#include "event/event_body.h"

#include <gtest/gtest.h>

#include "event/line_reader.h"

namespace purvey::event {
namespace {

class EventBodyTest : public ::testing::Test {
 protected:
  static std::string event(const std::string& id) {
    return R"({"specversion":"1.0","id":")" + id +
           R"(","source":"/s","type":"order.paid","time":"2026-01-01T00:00:00Z",)" +
           R"("data":{"order_id":"a ] , \" [ b"}})";
  }

  /// Ids of the rows, `!reason` for a refused one; or the error.
  std::string decode(BodyForm form, std::string body, size_t most = 100) {
    EventBatch batch;
    const auto done = decode_body(form, body, decoder_, batch, most);
    if (!done) return done.error().message;
    std::string rows;
    for (const EventRow& row : batch.rows) {
      if (!rows.empty()) rows += ' ';
      rows += row.refused ? "!" + std::string(reason_name(batch.refusals[row.row].refusal.reason))
                          : std::string(batch.text(row.id));
    }
    return rows;
  }

  base::Dictionary names_;
  JsonDecoder decoder_{names_, Pseudonymizer(Pseudonymizer::published_key()), std::nullopt};
};

TEST_F(EventBodyTest, one_event) {
  EXPECT_EQ(decode(BodyForm::kSingle, event("1")), "1");
  EXPECT_EQ(decode(BodyForm::kSingle, "\xEF\xBB\xBF " + event("1") + "\r\n"), "1");
  EXPECT_EQ(decode(BodyForm::kSingle, "[" + event("1") + "]"), "!not_an_object");
  EXPECT_EQ(decode(BodyForm::kSingle, event("1") + event("2")), "!not_json");
  EXPECT_EQ(decode(BodyForm::kSingle, ""), "!not_json");
}

TEST_F(EventBodyTest, an_array_has_a_row_for_each_element) {
  EXPECT_EQ(decode(BodyForm::kArray, "[]"), "");
  EXPECT_EQ(decode(BodyForm::kArray, " [ \n ] "), "");
  EXPECT_EQ(decode(BodyForm::kArray, "[" + event("1") + "]"), "1");
  EXPECT_EQ(decode(BodyForm::kArray, "[" + event("1") + " ,\n" + event("2") + ", 7,{}]"),
            "1 2 !not_an_object !missing_field");
  EXPECT_EQ(decode(BodyForm::kArray, "[" + event("1") + ",{\"a\":}," + event("2") + "]"),
            "1 !not_json 2");
}

TEST_F(EventBodyTest, a_broken_array_is_refused_whole) {
  const std::pair<std::string, const char*> wrong[] = {
      {"", "does not begin with ["},
      {event("1"), "does not begin with ["},
      {"[" + event("1"), "ends in the middle"},
      {"[" + event("1") + "," + event("2"), "ends in the middle"},
      {"[" + event("1") + ",]", "an event is missing"},
      {"[," + event("1") + "]", "an event is missing"},
      {"[" + event("1") + ",," + event("2") + "]", "an event is missing"},
      {"[" + event("1") + "}" + event("2") + "]", "a comma or ] is missing"},
      {"[\"abc", "in the middle of a string"},
      {"[\"abc\\", "in the middle of a string"},
      {"[] []", "something follows the ]"}};
  for (const auto& [body, words] : wrong) {
    EXPECT_NE(decode(BodyForm::kArray, body).find(words), std::string::npos)
        << body << " gives " << decode(BodyForm::kArray, body);
  }
}

TEST_F(EventBodyTest, lines_have_a_row_each_but_blank_ones) {
  EXPECT_EQ(decode(BodyForm::kLines, ""), "");
  EXPECT_EQ(decode(BodyForm::kLines, event("1") + "\n\r\n  \n" + event("2") + "\r\nx"),
            "1 2 !not_json");
}

TEST_F(EventBodyTest, more_events_than_a_message_may_hold_are_refused_whole) {
  const std::string three = event("1") + "\n" + event("2") + "\n\n" + event("3") + "\n";
  EXPECT_EQ(decode(BodyForm::kLines, three, 3), "1 2 3");
  EXPECT_EQ(decode(BodyForm::kLines, three, 2), "body: more than 2 events; send smaller batches");
  EXPECT_EQ(decode(BodyForm::kLines, "0\n0\n0\n", 2),
            "body: more than 2 events; send smaller batches");
  EXPECT_EQ(decode(BodyForm::kArray, "[" + event("1") + "," + event("2") + "]", 2), "1 2");
  EXPECT_EQ(decode(BodyForm::kArray, "[" + event("1") + "," + event("2") + "]", 1),
            "body: more than 1 events; send smaller batches");
  EXPECT_EQ(decode(BodyForm::kSingle, event("1"), 1), "1");
}

TEST_F(EventBodyTest, an_event_beyond_the_limit_is_refused_alone) {
  const std::string large = "{\"a\":\"" + std::string(kLineBytesMax, 'x') + "\"}";
  EXPECT_EQ(decode(BodyForm::kSingle, large), "!too_long");
  EXPECT_EQ(decode(BodyForm::kArray, "[" + large + "," + event("2") + "]"), "!too_long 2");
  EXPECT_EQ(decode(BodyForm::kLines, large + "\n" + event("2")), "!too_long 2");
}

}  // namespace
}  // namespace purvey::event
