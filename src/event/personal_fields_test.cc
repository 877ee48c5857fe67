#include "event/personal_fields.h"

#include <gtest/gtest.h>

#include <optional>

#include "event/json_decoder.h"
#include "event/json_encoder.h"

namespace purvey::event {
namespace {

PersonalFields fields(std::vector<std::string> names) {
  auto read = PersonalFields::read(names);
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : PersonalFields();
}

class PersonalFieldsTest : public testing::Test {
 protected:
  /// The event as it is kept: its fields as JSON, or the raw text of a refusal.
  std::string kept(const PersonalFields& personal, std::string_view type, std::string_view data) {
    std::string line = R"({"specversion":"1.0","id":"e","source":"/s","type":")" +
                       std::string(type) + R"(","time":"2026-01-02T03:04:05Z","data":)" +
                       std::string(data) + "}";
    const size_t size = line.size();
    line.append(64, ' ');
    JsonDecoder decoder(names_, Pseudonymizer(Pseudonymizer::published_key(), personal),
                        std::nullopt);
    EventBatch batch;
    decoder.decode(std::string_view(line).substr(0, size), batch);
    const EventRow& row = batch.rows[0];
    return row.refused ? std::string(batch.text(batch.refusals[row.row].raw))
                       : encode_json(batch, row, names_);
  }

  base::Dictionary names_;
};

TEST_F(PersonalFieldsTest, a_field_named_alone_is_personal_in_every_type) {
  const auto personal = fields({"ticket"});
  for (const char* type : {"feedback.asked", "feedback.complained"}) {
    const auto text = kept(personal, type, R"({"ticket":"T-77","text":"late"})");
    EXPECT_EQ(text.find("T-77"), std::string::npos) << text;
    EXPECT_NE(text.find("late"), std::string::npos) << text;
  }
}

TEST_F(PersonalFieldsTest, a_field_of_one_type_is_personal_there_alone) {
  const auto personal = fields({"feedback.asked.ticket"});
  const char* const data = R"({"ticket":"T-77"})";
  EXPECT_EQ(kept(personal, "feedback.asked", data).find("T-77"), std::string::npos);
  EXPECT_NE(kept(personal, "feedback.complained", data).find("T-77"), std::string::npos);
}

TEST_F(PersonalFieldsTest, ids_names_and_free_texts_can_be_personal) {
  const auto personal = fields({"channel", "query", "order_id"});
  const auto order = kept(personal, "order.placed",
                          R"({"order_id":"O-1","customer_id":"c","channel":"agent Li",)"
                          R"("amount":1,"currency":"CNY","lines":[]})");
  EXPECT_EQ(order.find("O-1"), std::string::npos) << order;
  EXPECT_EQ(order.find("agent Li"), std::string::npos) << order;
  const auto search =
      kept(personal, "behavior.searched", R"({"customer_id":"c","query":"gift for Wang Fang"})");
  EXPECT_EQ(search.find("Wang"), std::string::npos) << search;
}

TEST_F(PersonalFieldsTest, one_text_has_one_pseudonym_wherever_it_stands) {
  const auto personal = fields({"order_id"});
  const auto digits = [](const std::string& text) {
    const size_t at = text.find(R"("order_id":")");
    return text.substr(at + 12, 32);
  };
  const auto paid = kept(personal, "order.paid", R"({"order_id":"O-1"})");
  const auto rated = kept(personal, "feedback.rated", R"({"order_id":"O-1","score":5})");
  EXPECT_EQ(digits(paid), digits(rated));
  EXPECT_EQ(digits(paid).find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST_F(PersonalFieldsTest, what_is_kept_of_a_refused_event_names_nobody_either) {
  const auto personal = fields({"ticket", "session"});
  for (const char* data : {R"({"ticket":"T-77","score":"x"})", R"({"Ticket" : "T-77", "score":[]})",
                           R"({'tickets': ["T-77"], "score":{}})"}) {
    const auto text = kept(personal, "feedback.rated", data);
    EXPECT_EQ(text.find("T-77"), std::string::npos) << text;
  }
}

TEST_F(PersonalFieldsTest, what_is_no_text_field_is_told_with_the_nearest_one) {
  for (const auto& [name, said] : std::vector<std::pair<std::string, std::string>>{
           {"tiket", "did you mean ticket?"},
           {"feedback.asked.tickt", "did you mean feedback.asked.ticket?"},
           {"amount", "'amount' is no text field of an event"},
           {"currency", "'currency' is no text field of an event"},
           {"order.placed.ticket", "'order.placed.ticket' is no text field"},
           {"", "'' is no text field"}}) {
    const auto read = PersonalFields::read(std::vector<std::string>{name});
    ASSERT_FALSE(read) << name;
    EXPECT_NE(read.error().message.find(said), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace purvey::event
