#include "event/json_decoder.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "event/internal/data_reader.h"
#include "event/internal/json_checks.h"
#include "event/json_fault.h"
#include "event/raw_scrub.h"

namespace purvey::event {
namespace {

namespace dom = simdjson::dom;
using simdjson::SUCCESS;

/// The CloudEvents attributes of one event, before its data is looked at.
struct Envelope {
  std::string_view id;
  std::string_view source;
  std::string_view type;
  std::string_view time;
  std::string_view specversion;
  dom::element data;
  bool has_data = false;
};

}  // namespace

/// One decoding at a time: `line_`, `batch_`, `row_` and `note_` are of the event at hand.
class JsonDecoder::Impl {
 public:
  Impl(base::Dictionary& names, Pseudonymizer people, std::optional<base::Currency> base_currency)
      : names_(names), people_(people), data_(names, std::move(people), base_currency) {
    const auto error = parser_.allocate(kCapacity, kDepthMax);
    PURVEY_CHECK(error == SUCCESS, "no memory for a JSON parser");
  }

  void decode(std::string_view line, EventBatch& batch) {
    begin(line, batch);
    dom::element root;
    const auto error = parser_.parse(line.data(), line.size(), false).get(root);
    if (error == SUCCESS) {
      decode_event(root);
    } else {
      const Refusal why = refusal_of(error);
      note_.reject(why.reason, why.detail);
    }
    finish();
  }

  void refuse_too_long(std::string_view head, EventBatch& batch) {
    begin(head, batch);
    note_.reject(Reason::kTooLong, "a line longer than 1 MiB; send it in smaller events");
    finish();
  }

  void refuse(const Refusal& why, std::string_view source, std::string_view raw,
              EventBatch& batch) {
    begin(raw, batch);
    const uint32_t name = source.empty() ? 0 : names_.intern(source);
    if (name != base::Dictionary::kFull) row_.source = name;
    if (why.verdict == Verdict::kRejected) {
      note_.reject(why.reason, why.detail);
    } else {
      note_.quarantine(why.reason, why.detail);
    }
    finish();
  }

 private:
  static constexpr size_t kCapacity = (1U << 20) + 64;

  void begin(std::string_view line, EventBatch& batch) {
    line_ = line;
    batch_ = &batch;
    row_ = {};
    note_.clear();
  }

  void finish() {
    if (note_.noted()) {
      row_.refused = true;
      row_.verdict = note_.refusal().verdict;
      row_.row = static_cast<uint32_t>(batch_->refusals.size());
      batch_->refusals.push_back(
          {note_.refusal(), batch_->keep(scrub_raw(line_.substr(0, kRawKept), people_), 0)});
    } else {
      row_.row = batch_->add_fields(row_.kind, data_.slots(row_.kind));
    }
    batch_->rows.push_back(row_);
  }

  void decode_event(const dom::element& root) {
    dom::object object;
    if (root.get(object) != SUCCESS) {
      note_.reject(Reason::kNotAnObject, fmt::format("expected an event, found {}", kind_of(root)));
      return;
    }
    Envelope envelope;
    if (!read_envelope(object, envelope) || !check_envelope(envelope)) return;
    dom::object data;
    if (envelope.data.get(data) != SUCCESS) {
      note_.reject(Reason::kWrongType,
                   fmt::format("data: expected an object, found {}", kind_of(envelope.data)));
      return;
    }
    data_.read(data, row_, *batch_, note_);
  }

  bool read_envelope(const dom::object& object, Envelope& envelope) {
    uint64_t seen = 0;
    size_t keys = 0;
    other_keys_.clear();
    for (const auto [key, value] : object) {
      if (++keys > kKeysMax) {
        return note_.reject(Reason::kTooLong, fmt::format("more than {} fields", kKeysMax));
      }
      if (!read_attribute(key, value, envelope, seen)) return false;
    }
    return internal::check_twins("", other_keys_, note_);
  }

  bool read_attribute(std::string_view key, const dom::element& value, Envelope& envelope,
                      uint64_t& seen) {
    constexpr std::string_view kTexts[] = {"specversion", "id", "source", "type", "time"};
    std::string_view* const places[] = {&envelope.specversion, &envelope.id, &envelope.source,
                                        &envelope.type, &envelope.time};
    for (size_t i = 0; i < std::size(kTexts); ++i) {
      if (key != kTexts[i]) continue;
      if (!internal::see_once(seen, i, key, note_)) return false;
      if (value.is_null() || value.get(*places[i]) == SUCCESS) return true;
      return note_.reject(Reason::kWrongType,
                          fmt::format("{}: expected a string, found {}", key, kind_of(value)));
    }
    if (key != "data") {
      other_keys_.push_back(key);
      return true;
    }
    if (!internal::see_once(seen, std::size(kTexts), key, note_)) return false;
    envelope.data = value;
    envelope.has_data = true;
    return true;
  }

  bool check_envelope(const Envelope& envelope) {
    if (!internal::check_word("source", envelope.source, note_)) return false;
    const uint32_t source = names_.intern(envelope.source);
    if (source == base::Dictionary::kFull) {
      return note_.reject(Reason::kTooManyNames, "source: too many different names");
    }
    row_.source = source;
    if (!internal::check_word("id", envelope.id, note_)) return false;
    row_.id_hash = base::hash64(envelope.id, names_.hash(row_.source));
    row_.id = batch_->keep(envelope.id, row_.id_hash);
    if (envelope.specversion != "1.0") {
      return note_.reject(Reason::kBadSpecversion, "specversion: write \"1.0\"");
    }
    if (!internal::check_word("type", envelope.type, note_)) return false;
    const auto kind = find_kind(envelope.type);
    if (!kind) {
      return note_.reject(Reason::kUnknownType,
                          fmt::format("type: there is no event type \"{}\"", envelope.type));
    }
    row_.kind = *kind;
    return check_time(envelope);
  }

  bool check_time(const Envelope& envelope) {
    if (envelope.time.empty()) return note_.reject(Reason::kMissingField, "time: missing");
    const auto time = base::parse_rfc3339(envelope.time);
    if (!time) return note_.reject(Reason::kBadTime, time.error().message);
    row_.time = *time;
    if (!envelope.has_data) return note_.reject(Reason::kMissingField, "data: missing");
    return true;
  }

  base::Dictionary& names_;
  Pseudonymizer people_;  ///< for what is kept of refused lines
  internal::DataReader data_;
  dom::parser parser_;
  std::string_view line_;
  EventBatch* batch_ = nullptr;
  EventRow row_;
  internal::RefusalNote note_;
  std::vector<std::string_view> other_keys_;
};

JsonDecoder::JsonDecoder(base::Dictionary& names, Pseudonymizer people,
                         std::optional<base::Currency> base_currency)
    : impl_(std::make_unique<Impl>(names, std::move(people), base_currency)) {}

JsonDecoder::~JsonDecoder() = default;

void JsonDecoder::decode(std::string_view line, EventBatch& batch) {
  impl_->decode(line, batch);
}

void JsonDecoder::refuse_too_long(std::string_view head, EventBatch& batch) {
  impl_->refuse_too_long(head, batch);
}

void JsonDecoder::refuse(const Refusal& why, std::string_view source, std::string_view raw,
                         EventBatch& batch) {
  impl_->refuse(why, source, raw, batch);
}

}  // namespace purvey::event
