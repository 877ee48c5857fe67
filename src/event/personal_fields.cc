#include "event/personal_fields.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/closest_name.h"

namespace purvey::event {
namespace {

/// A currency is read by the decoder itself and names nobody.
bool is_text(const FieldSpec& field) {
  using enum FieldType;
  if (field.name == "currency") return false;
  return field.type == kId || field.type == kName || field.type == kPerson || field.type == kText;
}

/// Every way to name a field that can be meant.
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const KindSpec& kind : kSchema) {
    for (const FieldSpec& field : kind.fields) {
      if (!is_text(field)) continue;
      names.emplace_back(field.name);
      names.push_back(fmt::format("{}.{}", kind.type, field.name));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

base::Error unknown(std::string_view name) {
  const auto known = known_names();
  const std::vector<std::string_view> views(known.begin(), known.end());
  const auto nearest = base::closest_name(name, views);
  return base::invalid_input(fmt::format(
      "'{}' is no text field of an event{}; write a field such as session, or a type and its field "
      "such as feedback.asked.ticket (docs/data.md, section 1)",
      name, nearest.empty() ? std::string() : fmt::format(" (did you mean {}?)", nearest)));
}

}  // namespace

bool PersonalFields::add(const KindSpec& kind, std::string_view field) {
  const auto place = find_field(kind.kind, field);
  if (!place || !is_text(kind.fields[*place])) return false;
  places_[static_cast<size_t>(kind.kind)].set(*place);
  if (std::find(names_.begin(), names_.end(), field) == names_.end()) names_.emplace_back(field);
  return true;
}

base::Result<PersonalFields> PersonalFields::read(std::span<const std::string> names) {
  PersonalFields fields;
  for (const std::string_view name : names) {
    bool is_known = false;
    const size_t point = name.rfind('.');
    for (const KindSpec& kind : kSchema) {
      if (point == std::string_view::npos) {
        is_known |= fields.add(kind, name);
      } else if (kind.type == name.substr(0, point)) {
        is_known |= fields.add(kind, name.substr(point + 1));
      }
    }
    if (!is_known) return unknown(name);
  }
  return fields;
}

}  // namespace purvey::event
