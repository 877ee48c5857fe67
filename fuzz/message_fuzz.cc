// Messages of events from any bytes, in every form, and batches from any bytes: what is decoded
// comes back from its binary form as it was, and damaged bytes give rows that can be read, or an
// error.
#include <string>
#include <string_view>

#include "base/check.h"
#include "event/batch_codec.h"
#include "event/event_body.h"
#include "event/json_encoder.h"

namespace purvey {
namespace {

using event::BodyForm;
using event::EventBatch;
using event::EventRow;

std::string text_of(const EventBatch& batch, const EventRow& row, const base::Dictionary& names) {
  if (!row.refused) return event::encode_json(batch, row, names);
  const auto& refused = batch.refusals.at(row.row);
  return refused.refusal.detail + std::string(batch.text(refused.raw));
}

void check_comes_back(const EventBatch& batch, const base::Dictionary& names) {
  std::string bytes;
  event::encode_rows(batch, 0, batch.rows.size(), names, bytes);
  base::Dictionary other;
  EventBatch back;
  const auto done = event::decode_rows(bytes, other, back);
  PURVEY_CHECK(done.has_value(), "what was encoded is decoded");
  PURVEY_CHECK(back.rows.size() == batch.rows.size(), "rows are lost");
  for (size_t i = 0; i < back.rows.size(); ++i) {
    PURVEY_CHECK(back.rows[i].id_hash == batch.rows[i].id_hash, "another id");
    PURVEY_CHECK(back.rows[i].payload_hash == batch.rows[i].payload_hash, "another payload");
    PURVEY_CHECK(text_of(back, back.rows[i], other) == text_of(batch, batch.rows[i], names),
                 "another event");
  }
}

void decode_message(BodyForm form, std::string body) {
  base::Dictionary names;
  event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                             std::nullopt);
  EventBatch batch;
  if (event::decode_body(form, body, decoder, batch)) check_comes_back(batch, names);
}

void decode_batch(std::string_view bytes) {
  base::Dictionary names;
  EventBatch batch;
  if (!event::decode_rows(bytes, names, batch)) return;
  for (const EventRow& row : batch.rows) static_cast<void>(text_of(batch, row, names));
}

}  // namespace
}  // namespace purvey

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using purvey::event::BodyForm;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const BodyForm form : {BodyForm::kSingle, BodyForm::kArray, BodyForm::kLines}) {
    purvey::decode_message(form, bytes);
  }
  purvey::decode_batch(bytes);
  return 0;
}
