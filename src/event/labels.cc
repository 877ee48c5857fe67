#include "event/labels.h"

#include <simdjson.h>

#include <vector>

namespace purvey::event {

uint32_t intern_labels(base::Dictionary& names, std::string_view canonical) {
  const uint32_t id = names.intern(canonical);
  if (id == base::Dictionary::kFull || !names.parts(id).empty() || canonical == "{}") return id;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(canonical)).get(object) != simdjson::SUCCESS) return id;
  std::vector<uint32_t> parts;
  for (const auto [key, value] : object) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return id;
    parts.push_back(names.intern(key));
    parts.push_back(names.intern(text));
    if (parts.back() == base::Dictionary::kFull) return id;
  }
  names.set_parts(id, parts);
  return id;
}

}  // namespace purvey::event
