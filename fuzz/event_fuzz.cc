// Lines of events from any bytes: one row a line, the same twice, and nothing that names a person.
#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/memory_source_fixture.h"
#include "event/json_decoder.h"
#include "event/line_reader.h"
#include "event/masking.h"

namespace purvey {
namespace {

using event::EventBatch;
using event::EventRow;
using event::FieldType;

bool is_pseudonym(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// A refusal is one line of text that any table and terminal takes.
void check_refusal(const EventBatch& batch, const EventRow& row) {
  const auto& refusal = batch.refusals.at(row.row).refusal;
  PURVEY_CHECK(refusal.reason != event::Reason::kNone, "a refusal without a reason");
  PURVEY_CHECK(!refusal.detail.empty(), "a refusal without a detail");
  PURVEY_CHECK(simdjson::validate_utf8(refusal.detail), "a detail that is not UTF-8");
  PURVEY_CHECK(std::ranges::none_of(refusal.detail,
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
               "a detail of several lines");
}

void check_text(const EventBatch& batch, const EventRow& row) {
  const auto fields = event::spec_of(row.kind).fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const int64_t slot = batch.field(row, i);
    PURVEY_CHECK(!fields[i].required || slot != event::kAbsent, "a required field is absent");
    if (slot == event::kAbsent) continue;
    if (fields[i].type == FieldType::kPerson) {
      PURVEY_CHECK(is_pseudonym(batch.text(slot)), "a person without a pseudonym");
    }
    if (fields[i].type == FieldType::kText) {
      std::string scratch;
      PURVEY_CHECK(event::mask_personal(batch.text(slot), scratch) == batch.text(slot),
                   "masking leaves something to mask");
    }
  }
}

/// Decodes lines twice each. Lives for many inputs, as its memory is large; names gather in it.
class Target {
 public:
  void run(std::string_view bytes, size_t piece) {
    event::LineReader reader(base::memory_source(bytes, piece));
    for (;;) {
      const auto line = reader.next();
      PURVEY_CHECK(line.has_value(), "memory cannot fail");
      if (line->end) break;
      decode_twice(*line);
    }
  }

  /// As one line, without a reader.
  void run(std::string_view bytes) {
    const std::string padded = std::string(bytes) + std::string(64, '\0');
    decode_twice({.text = std::string_view(padded).substr(0, bytes.size())});
  }

 private:
  void decode_twice(const event::LineReader::Line& line) {
    batch_.clear();
    decode(line);
    decode(line);
    const EventRow& one = batch_.rows[0];
    const EventRow& two = batch_.rows[1];
    PURVEY_CHECK(one.verdict == two.verdict && one.refused == two.refused, "two verdicts");
    PURVEY_CHECK(one.id_hash == two.id_hash, "two identities");
    PURVEY_CHECK(one.refused || one.payload_hash == two.payload_hash, "two payloads");
  }

  void decode(const event::LineReader::Line& line) {
    const size_t before = batch_.rows.size();
    if (line.too_long) {
      decoder_.refuse_too_long(line.text, batch_);
    } else {
      decoder_.decode(line.text, batch_);
    }
    PURVEY_CHECK(batch_.rows.size() == before + 1, "not one row a line");
    const EventRow& row = batch_.rows.back();
    if (row.refused) {
      check_refusal(batch_, row);
    } else {
      PURVEY_CHECK(row.verdict == event::Verdict::kAccepted, "neither refused nor accepted");
      check_text(batch_, row);
    }
  }

  base::Dictionary names_;
  event::JsonDecoder decoder_{names_, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                              base::Currency::find("CNY")};
  EventBatch batch_;
};

}  // namespace
}  // namespace purvey

/// The first byte chooses: one line without a reader, or lines in pieces of some size.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kInputsMost = 20'000;
  static size_t inputs = 0;
  static std::unique_ptr<purvey::Target> target;
  if (inputs++ % kInputsMost == 0) target = std::make_unique<purvey::Target>();
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 16 == 0) {
    target->run(bytes, 1 + data[0] / 4U);
  } else {
    target->run(bytes);
  }
  return 0;
}
