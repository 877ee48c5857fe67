#include "event/json_encoder.h"

#include <fmt/core.h>

#include "base/check.h"
#include "base/json_text.h"

namespace purvey::event {
namespace {

/// Writes the fields of one event.
class Encoder {
 public:
  Encoder(const EventBatch& batch, const EventRow& row, const base::Dictionary& names)
      : batch_(batch), row_(row), names_(names) {}

  std::string encode() {
    out_ = R"({"specversion":"1.0")";
    member("id", batch_.text(row_.id));
    member("source", names_.text(row_.source));
    member("type", spec_of(row_.kind).type);
    member("time", base::format_rfc3339(row_.time));
    out_ += R"(,"data":{)";
    const auto fields = spec_of(row_.kind).fields;
    bool first = true;
    for (size_t i = 0; i < fields.size(); ++i) {
      const int64_t slot = batch_.field(row_, i);
      if (slot == kAbsent && !fields[i].nullable) continue;
      if (!first) out_ += ',';
      first = false;
      base::append_json_string(out_, fields[i].name);
      out_ += ':';
      if (slot == kAbsent) {
        out_ += "null";
      } else {
        value(fields[i], slot);
      }
    }
    return std::move(out_) + "}}";
  }

 private:
  void member(std::string_view name, std::string_view text) {
    out_ += ',';
    base::append_json_string(out_, name);
    out_ += ':';
    base::append_json_string(out_, text);
  }

  void value(const FieldSpec& field, int64_t slot) {
    switch (field.type) {
      case FieldType::kId:
      case FieldType::kPerson:
      case FieldType::kText:
        return base::append_json_string(out_, batch_.text(slot));
      case FieldType::kName:
        return base::append_json_string(out_, names_.text(static_cast<uint32_t>(slot)));
      case FieldType::kLabels:
        out_ += names_.text(static_cast<uint32_t>(slot));
        return;
      case FieldType::kMoney:
        return money(slot);
      case FieldType::kInteger:
        out_ += fmt::format("{}", slot);
        return;
      case FieldType::kNumber:
        out_ += fmt::format("{}", std::bit_cast<double>(slot));
        return;
      case FieldType::kTime:
        return base::append_json_string(out_, base::format_rfc3339({slot}));
      case FieldType::kFlag:
        out_ += slot != 0 ? "true" : "false";
        return;
      case FieldType::kChoice:
        return base::append_json_string(out_, choice_word(field, slot));
      case FieldType::kLines:
        return lines(slot);
    }
  }

  void money(int64_t minor) {
    const auto text = base::format_money({minor, row_.currency});
    out_ += text.substr(0, text.find(' '));
  }

  void lines(int64_t slot) {
    out_ += '[';
    bool first = true;
    for (const OrderLine& line : batch_.line_span(slot)) {
      if (!first) out_ += ',';
      first = false;
      out_ += fmt::format("{{\"line_no\":{},\"sku\":", line.line_no);
      base::append_json_string(out_, names_.text(line.sku));
      out_ += fmt::format(",\"qty\":{}", line.qty);
      if (line.price_minor != kAbsent) {
        out_ += ",\"price\":";
        money(line.price_minor);
      }
      out_ += '}';
    }
    out_ += ']';
  }

  const EventBatch& batch_;
  const EventRow& row_;
  const base::Dictionary& names_;
  std::string out_;
};

}  // namespace

std::string encode_json(const EventBatch& batch, const EventRow& row,
                        const base::Dictionary& names) {
  PURVEY_CHECK(!row.refused, "a refused event has no fields to encode");
  return Encoder(batch, row, names).encode();
}

}  // namespace purvey::event
