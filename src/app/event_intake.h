#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/live_flow.h"
#include "event/event_body.h"
#include "event/json_decoder.h"
#include "serve/http.h"

namespace purvey::app {

/// How the events of a body of this type stand in it.
event::BodyForm form_of(const serve::Request& request);

/// Takes messages of events from HTTP: decodes them, and answers once the journal has them on disk.
///
/// 202 `{"accepted":2,"rejected":[{"index":1,"id":"7","reason":"..."}]}` if at least one event was
/// taken, 400 with the same body if none was, 400 for a message that cannot be cut into events,
/// 429 while too much waits. Thread-safe.
class EventIntake {
 public:
  /// Reasons given in one answer; the others are only counted.
  static constexpr size_t kRejectedTold = 1'000;

  /// Events of one message, where the settings do not say.
  static constexpr size_t kEventsMax = 100'000;

  /// Both must outlive it. A message of more than `events_max` events is refused (413).
  EventIntake(LiveFlow& flow, prometheus::Registry& metrics, size_t events_max = kEventsMax);

  void take(serve::Request request, serve::Respond respond);

  /// Has `decode` fill a batch; one at a time does. Gives its error.
  using Decode =
      std::function<base::Result<void>(event::JsonDecoder& decoder, event::EventBatch& batch)>;
  base::Result<std::shared_ptr<event::EventBatch>> decode(const Decode& decode);
  /// As decode(), for texts in which personal ids are pseudonyms already: those of dead letters.
  base::Result<std::shared_ptr<event::EventBatch>> decode_again(const Decode& decode);

  /// Where a row of a batch came from, for the answer.
  struct Origin {
    size_t index = 0;       ///< of its message in the body
    std::string row = {};   ///< in the message
    bool declined = false;  ///< refused by the receiver's own wish: no fault of the sender
  };
  /// Journals the batch, then answers. `origins`: of each row; empty where rows are messages.
  void submit(const std::shared_ptr<event::EventBatch>& batch, std::span<const Origin> origins,
              serve::Respond respond);

  /// The dictionary's id of a name, if any event ever had it.
  std::optional<uint32_t> find_name(std::string_view name);

  size_t events_max() const { return events_max_; }

 private:
  LiveFlow& flow_;
  const size_t events_max_;
  prometheus::Counter& accepted_;
  prometheus::Counter& rejected_;
  event::JsonDecoder decoder_;                 // guarded by the names' interning(), as the next
  std::unique_ptr<event::JsonDecoder> again_;  // made when it is needed
};

/// The answer to a message of which no batch could be made; 413 if it holds too much.
serve::Response refusal_of(const base::Error& error);

}  // namespace purvey::app
