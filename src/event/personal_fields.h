#pragma once

#include <array>
#include <bitset>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/schema.h"

namespace purvey::event {

/// Fields of events that name persons at one site, beside `customer_id`, which does everywhere.
class PersonalFields {
 public:
  PersonalFields() = default;

  /// Each of `names` is a field of `data` (`session`: in every type that has it) or one of a single
  /// type (`feedback.asked.ticket`). Errors: kInvalidInput for one that no type has, with the
  /// nearest name, or that holds no text.
  static base::Result<PersonalFields> read(std::span<const std::string> names);

  bool covers(EventKind kind, size_t place) const {
    return places_[static_cast<size_t>(kind)].test(place);
  }

  /// The names of the fields without their types, each once.
  const std::vector<std::string>& names() const { return names_; }

 private:
  static constexpr size_t kFieldsMax = 32;

  bool add(const KindSpec& kind, std::string_view field);

  std::array<std::bitset<kFieldsMax>, kEventKinds> places_{};
  std::vector<std::string> names_;
};

}  // namespace purvey::event
