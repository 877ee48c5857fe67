#pragma once

#include <string_view>

namespace purvey::app {

/// The shipped packs, as they stood when the program was built.
extern const std::string_view kEcommercePack;
extern const std::string_view kEcommerceRules;

}  // namespace purvey::app
