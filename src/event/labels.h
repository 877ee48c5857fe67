#pragma once

#include <string_view>

#include "base/dictionary.h"

namespace purvey::event {

/// The id of a set of labels, canonical JSON (`{"room":"cold"}`, keys ascending). Its parts
/// (base::Dictionary::parts) are the ids of its words, key and value in turn, so that others can
/// read it by ids. kFull when the dictionary takes no more; a set whose words it no longer takes
/// has no parts.
uint32_t intern_labels(base::Dictionary& names, std::string_view canonical);

}  // namespace purvey::event
