#include "store/part.h"

#include <fmt/core.h>

namespace purvey::store {

std::string Part::path() const {
  return fmt::format("{}/month={}/{}", table_spec(table).name, month, name);
}

}  // namespace purvey::store
