#include "app/event_intake.h"

#include <fmt/core.h>

#include <memory>
#include <mutex>

#include "base/json_text.h"

namespace purvey::app {
namespace {

using event::BodyForm;

void append_rejected(std::string& out, const event::EventBatch& batch, size_t place,
                     const EventIntake::Origin& origin) {
  const event::EventRow& row = batch.rows[place];
  const event::Refusal& refusal = batch.refusals[row.row].refusal;
  out += fmt::format("{{\"index\":{},\"id\":", origin.index);
  base::append_json_string(out, batch.text(row.id));
  if (!origin.row.empty()) {
    out += ",\"row\":";
    base::append_json_string(out, origin.row);
  }
  out += ",\"reason\":";
  base::append_json_string(
      out, fmt::format("{}: {}", event::reason_name(refusal.reason), refusal.detail));
  out += '}';
}

/// Of events that were acknowledged.
prometheus::Family<prometheus::Counter>& events_total(prometheus::Registry& metrics) {
  return prometheus::BuildCounter()
      .Name("purvey_intake_events_total")
      .Help("events of answered messages, by what the answer said of them")
      .Register(metrics);
}

struct Answer {
  serve::Response response;
  size_t accepted = 0;
  size_t rejected = 0;
};

Answer answer_for(const event::EventBatch& batch, std::span<const EventIntake::Origin> origins) {
  std::string rejected;
  size_t accepted = 0;
  size_t told = 0;
  bool at_fault = false;
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    const event::EventRow& row = batch.rows[i];
    if (!row.refused || batch.refusals[row.row].refusal.verdict != event::Verdict::kRejected) {
      ++accepted;
      continue;
    }
    const EventIntake::Origin origin = origins.empty() ? EventIntake::Origin{i} : origins[i];
    at_fault |= !origin.declined;
    if (told == EventIntake::kRejectedTold) continue;
    if (told++ > 0) rejected += ',';
    append_rejected(rejected, batch, i, origin);
  }
  const size_t untold = batch.rows.size() - accepted - told;
  const std::string more = untold > 0 ? fmt::format(",\"rejected_untold\":{}", untold) : "";
  return {serve::json_response(
              accepted > 0 || !at_fault ? 202 : 400,
              fmt::format("{{\"accepted\":{},\"rejected\":[{}]{}}}", accepted, rejected, more)),
          accepted, batch.rows.size() - accepted};
}

}  // namespace

BodyForm form_of(const serve::Request& request) {
  if (request.content_type == "application/cloudevents+json") return BodyForm::kSingle;
  if (request.content_type == "application/cloudevents-batch+json") return BodyForm::kArray;
  if (request.content_type == "application/x-ndjson") return BodyForm::kLines;
  const size_t first = request.body.find_first_not_of(" \t\r\n");
  const bool is_array = first != std::string::npos && request.body[first] == '[';
  return is_array ? BodyForm::kArray : BodyForm::kSingle;
}

// What is too much for one message is no reason to come again later.
serve::Response refusal_of(const base::Error& error) {
  const bool too_much = error.code == base::ErrorCode::kExhausted;
  return too_much ? serve::error_response(413, "too_large", error.message)
                  : serve::error_response(error);
}

EventIntake::EventIntake(LiveFlow& flow, prometheus::Registry& metrics, size_t events_max)
    : flow_(flow),
      events_max_(events_max),
      accepted_(events_total(metrics).Add({{"answer", "accepted"}})),
      rejected_(events_total(metrics).Add({{"answer", "rejected"}})),
      decoder_(flow.names(), flow.people(), flow.base_currency()) {}

void EventIntake::take(serve::Request request, serve::Respond respond) {
  const auto batch = decode([&](event::JsonDecoder& decoder, event::EventBatch& into) {
    return event::decode_body(form_of(request), request.body, decoder, into, events_max_);
  });
  if (!batch) return respond(refusal_of(batch.error()));
  if ((*batch)->rows.empty()) {
    return respond(serve::error_response(400, "no_events", "the message holds no event"));
  }
  submit(*batch, {}, std::move(respond));
}

base::Result<std::shared_ptr<event::EventBatch>> EventIntake::decode(const Decode& decode) {
  auto batch = std::make_shared<event::EventBatch>();
  const std::lock_guard lock(flow_.names().interning());
  PURVEY_TRY(decode(decoder_, *batch));
  return batch;
}

base::Result<std::shared_ptr<event::EventBatch>> EventIntake::decode_again(const Decode& decode) {
  auto batch = std::make_shared<event::EventBatch>();
  const std::lock_guard lock(flow_.names().interning());
  if (!again_) {
    again_ = std::make_unique<event::JsonDecoder>(
        flow_.names(), flow_.people(event::Pseudonymizer::Pseudonyms::kKept),
        flow_.base_currency());
  }
  PURVEY_TRY(decode(*again_, *batch));
  return batch;
}

void EventIntake::submit(const std::shared_ptr<event::EventBatch>& batch,
                         std::span<const Origin> origins, serve::Respond respond) {
  // A callable that can be copied, around one that cannot; who is refused answers at once.
  const auto shared = std::make_shared<serve::Respond>(std::move(respond));
  // Row verdicts are set while the batch is counted: what the answer says is worked out before.
  const auto answer = std::make_shared<Answer>(answer_for(*batch, origins));
  const auto submitted =
      flow_.submit({batch, [this, shared, answer](const base::Result<void>& done) {
                      if (!done) return (*shared)(serve::error_response(done.error()));
                      accepted_.Increment(static_cast<double>(answer->accepted));
                      rejected_.Increment(static_cast<double>(answer->rejected));
                      (*shared)(std::move(answer->response));
                    }});
  if (!submitted) (*shared)(serve::error_response(submitted.error()));
}

std::optional<uint32_t> EventIntake::find_name(std::string_view name) {
  const std::lock_guard lock(flow_.names().interning());
  return flow_.names().find(name);
}

}  // namespace purvey::app
