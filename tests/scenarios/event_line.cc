#include "tests/scenarios/event_line.h"

#include <fmt/core.h>

#include <regex>
#include <vector>

#include "base/closest_name.h"
#include "base/json_text.h"

namespace purvey::scenarios {
namespace {

using base::Result;
using event::EventKind;
using event::FieldSpec;
using event::FieldType;

std::string json_string(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

std::string did_you_mean(std::string_view written, std::span<const std::string_view> known) {
  const std::string_view near = base::closest_name(written, known);
  return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

std::vector<std::string> split_at(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// `s1x2@3.00,s2x1@5`: two of s1 at 3 each, and one of s2.
Result<std::string> lines_value(std::string_view text) {
  if (text == "none") return std::string("[]");
  static const std::regex kLine(R"((.+)x(-?\d+)(@(-?[\d.]+))?)");
  std::string out = "[";
  for (const std::string& part : split_at(text, ',')) {
    std::smatch match;
    if (!std::regex_match(part, match, kLine)) {
      return base::invalid_input(
          fmt::format("\"{}\" is no order line; write SKUxUNITS@PRICE, as in s1x2@3.00", part));
    }
    out += fmt::format(R"({}{{"sku":{},"qty":{}{}}})", out.size() > 1 ? "," : "",
                       json_string(match[1].str()), match[2].str(),
                       match[4].matched ? ",\"price\":" + match[4].str() : "");
  }
  return out + "]";
}

/// `room:a,shelf:2`.
Result<std::string> labels_value(std::string_view text) {
  std::string out = "{";
  for (const std::string& part : split_at(text, ',')) {
    const size_t colon = part.find(':');
    if (colon == std::string::npos) {
      return base::invalid_input(
          fmt::format("\"{}\" is no label; write labels=room:a,shelf:2", part));
    }
    out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", json_string(part.substr(0, colon)),
                       json_string(part.substr(colon + 1)));
  }
  return out + "}";
}

Result<std::string> field_value(const FieldSpec& field, const std::string& text,
                                base::EventTime day) {
  if (text == "null") return text;
  switch (field.type) {
    case FieldType::kMoney:
    case FieldType::kInteger:
    case FieldType::kNumber: {
      static const std::regex kNumber(R"(-?\d+(\.\d+)?([eE][+-]?\d+)?)");
      if (std::regex_match(text, kNumber)) return text;
      return base::invalid_input(
          fmt::format("{}={}: expected a number; malformed events are written with raw {{...}}",
                      field.name, text));
    }
    case FieldType::kTime:
      return json_string(base::format_rfc3339(PURVEY_TRY(parse_clock(text, day))));
    case FieldType::kFlag:
      if (text == "true" || text == "false") return text;
      return base::invalid_input(fmt::format("{}={}: write true or false", field.name, text));
    case FieldType::kLines:
      return lines_value(text);
    case FieldType::kLabels:
      return labels_value(text);
    case FieldType::kId:
    case FieldType::kName:
    case FieldType::kPerson:
    case FieldType::kText:
    case FieldType::kChoice:
      break;
  }
  return json_string(text);
}

Result<const FieldSpec*> field_of(EventKind kind, std::string_view name) {
  const auto& spec = event::spec_of(kind);
  if (const auto place = event::find_field(kind, name)) return &spec.fields[*place];
  std::vector<std::string_view> known;
  for (const FieldSpec& field : spec.fields) known.push_back(field.name);
  return base::invalid_input(
      fmt::format("{} has no field {}{}", spec.type, name, did_you_mean(name, known)));
}

Result<EventKind> kind_of(std::string_view type) {
  if (const auto kind = event::find_kind(type)) return *kind;
  std::vector<std::string_view> known;
  for (const auto& spec : event::kSchema) known.push_back(spec.type);
  return base::invalid_input(
      fmt::format("there is no event type {}{}", type, did_you_mean(type, known)));
}

}  // namespace

Result<void> read_fields(std::span<const Word> words, base::EventTime day, WrittenEvent& event) {
  for (const Word& word : words) {
    const Pair pair = PURVEY_TRY(split_pair(word));
    const FieldSpec* const field = PURVEY_TRY(field_of(event.kind, pair.name));
    event.data[pair.name] = PURVEY_TRY(field_value(*field, pair.value, day));
  }
  return {};
}

Result<void> read_event(std::span<const Word> words, base::EventTime day, WrittenEvent& event) {
  if (words.empty()) {
    return base::invalid_input("an event needs a type; write at 09:00 order.paid o1");
  }
  event.kind = PURVEY_TRY(kind_of(words[0].text));
  words = words.subspan(1);
  if (event.kind == EventKind::kOrderPlaced) {
    event.data = {{"customer_id", "\"c1\""}, {"lines", "[]"}};
  }
  if (!words.empty() && words[0].text.find('=') == std::string::npos) {
    const FieldSpec& subject = event::spec_of(event.kind).fields[0];
    event.data[std::string(subject.name)] = PURVEY_TRY(field_value(subject, words[0].text, day));
    words = words.subspan(1);
  }
  PURVEY_TRY(read_fields(words, day, event));
  for (const FieldSpec& field : event::spec_of(event.kind).fields) {
    if (!field.required || event.data.contains(std::string(field.name))) continue;
    return base::invalid_input(
        fmt::format("{} needs {}=...", event::spec_of(event.kind).type, field.name));
  }
  return {};
}

std::string to_json(const WrittenEvent& event) {
  std::string data;
  for (const auto& [name, value] : event.data) {
    data += fmt::format("{}{}:{}", data.empty() ? "" : ",", json_string(name), value);
  }
  return fmt::format(R"({{"specversion":"1.0","id":{},"source":{},"type":"{}","time":"{}",)"
                     R"("data":{{{}}}}})",
                     json_string(event.id), json_string(event.source),
                     event::spec_of(event.kind).type, base::format_rfc3339(event.time), data);
}

}  // namespace purvey::scenarios
