// Messages of web hooks from any bytes: what is made of them is JSON that the decoder reads, and
// what is not is told in one line and names no person.
#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "event/event_body.h"
#include "event/json_decoder.h"
#include "flow/hook/document_mapper.h"

namespace purvey::flow {
namespace {

using event::Reason;

constexpr const char* kMap = R"(
[import]
source = "f"
currency = "EUR"
dates = ["%Y-%m-%d"]
missing = ["-"]
[document.a]
each = "a.b"
[document.l]
belongs_to = "a"
each = "l"
[document.whole]
[[document.a.reject]]
when = { column = "x", above = 5 }
reason = "r"
[[event]]
type = "order.placed"
from = "a"
id = "{i}/{message.i}"
time = ["{t}", "{message.t}"]
[event.data]
order_id = "{i}"
customer_id = "{c.p}"
channel = { value = "{s}", map = { u = "v" } }
currency = ["{k}", "EUR"]
amount = [{ sum_of = "l", add = "{p}", times = "{q}" }, "{m}"]
[event.data.lines]
each = "l"
sku = "{s}"
qty = "{q}"
price = "{p}"
[[event]]
type = "payment.authorized"
from = "l"
id = "{a.i}/{s}"
time = "{a.t}"
when = { column = "z", missing = false }
[event.data]
order_id = "{a.i}"
amount = { value = "{p}", divide = "{q}", round = true }
method = { join = ["{s}", "{z}"] }
[[event]]
type = "feedback.rated"
from = "whole"
id = "{i}"
time = "{t}"
when = { column = "n", missing = false }
[event.data]
score = "{n}"
text = "{x}"
)";

constexpr const char* kEnvelope =
    "[import]\nsource = \"f\"\n[document.a]\neach = \"a\"\ncloudevents = true\n";

void check_refusal(const event::Refusal& refusal) {
  PURVEY_CHECK(refusal.reason != Reason::kNone && !refusal.detail.empty(), "a refusal without why");
  PURVEY_CHECK(simdjson::validate_utf8(refusal.detail), "a detail that is not UTF-8");
}

/// Whether the decoder may refuse what a map made for this: its values, never its form.
bool is_of_values(Reason reason) {
  switch (reason) {
    case Reason::kNotJson:
    case Reason::kNotUtf8:
    case Reason::kTooDeep:
    case Reason::kNotAnObject:
    case Reason::kDuplicateKey:
    case Reason::kMissingField:
    case Reason::kBadSpecversion:
    case Reason::kUnknownType:
    case Reason::kBadTime:
      return false;
    default:
      return true;
  }
}

class Target {
 public:
  explicit Target(const char* map)
      : mapper_(std::make_shared<ImportMap>(parse_import_map(map, "map.toml").value())) {}

  void run(std::string_view bytes, bool is_made) {
    const std::string padded = std::string(bytes) + std::string(64, '\0');
    const std::string_view message = std::string_view(padded).substr(0, bytes.size());
    MappedBody once;
    MappedBody twice;
    const auto done = mapper_.add(message, once);
    PURVEY_CHECK(done.has_value() == mapper_.add(message, twice).has_value(), "two outcomes");
    if (!done) return;
    PURVEY_CHECK(once.texts == twice.texts && once.rows.size() == twice.rows.size(),
                 "two outcomes");
    once.texts.append(64, ' ');
    event::EventBatch batch;
    for (const auto& row : once.rows) {
      if (row.is_event) {
        event::decode_within_limit(once.text_of(row), decoder_, batch);
      } else {
        check_refusal(row.refusal);
        decoder_.refuse(row.refusal, mapper_.source(), row.raw, batch);
      }
      const event::EventRow& made = batch.rows.back();
      if (!row.is_event || !made.refused || !is_made) continue;
      PURVEY_CHECK(is_of_values(batch.refusals[made.row].refusal.reason), "an event of bad form");
    }
    PURVEY_CHECK(batch.rows.size() == once.rows.size(), "not one event a row");
  }

 private:
  DocumentMapper mapper_;
  base::Dictionary names_;
  event::JsonDecoder decoder_{names_, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                              std::nullopt};
};

}  // namespace
}  // namespace purvey::flow

/// The first byte chooses the map.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kInputsMost = 20'000;  // names gather in a target
  static size_t inputs = 0;
  static std::unique_ptr<purvey::flow::Target> mapping;
  static std::unique_ptr<purvey::flow::Target> envelope;
  if (inputs++ % kInputsMost == 0) {
    mapping = std::make_unique<purvey::flow::Target>(purvey::flow::kMap);
    envelope = std::make_unique<purvey::flow::Target>(purvey::flow::kEnvelope);
  }
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 8 == 0) {
    envelope->run(bytes, false);
  } else {
    mapping->run(bytes, true);
  }
  return 0;
}
