#include "event/json_fault.h"

#include <fmt/core.h>

#include "event/json_decoder.h"

namespace purvey::event {

Refusal refusal_of(simdjson::error_code error) {
  const auto rejected = [](Reason reason, std::string detail) {
    return Refusal{Verdict::kRejected, reason, std::move(detail)};
  };
  switch (error) {
    case simdjson::UTF8_ERROR:
      return rejected(Reason::kNotUtf8, "not UTF-8; send it as UTF-8");
    case simdjson::DEPTH_ERROR:
      return rejected(Reason::kTooDeep, fmt::format("nested deeper than {}", kDepthMax));
    case simdjson::NUMBER_ERROR:
      return rejected(Reason::kBadNumber, "a number that JSON or 64 bits do not have");
    default:
      return rejected(Reason::kNotJson,
                      fmt::format("not JSON: {}", simdjson::error_message(error)));
  }
}

std::string_view kind_of(const simdjson::dom::element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

}  // namespace purvey::event
