#include "watch/internal/group_labels.h"

#include <algorithm>

#include "base/check.h"

namespace purvey::watch::internal {

uint32_t split_mask(const flow::Split& split) {
  uint32_t mask = 0;
  for (const flow::Dimension dimension : split) mask |= 1U << static_cast<unsigned>(dimension);
  return mask;
}

uint32_t split_mask(const Labels& labels) {
  flow::Split split;
  for (const auto& [name, value] : labels) {
    if (const auto dimension = flow::find_dimension(name)) split.push_back(*dimension);
  }
  return split_mask(split);
}

uint32_t GroupLabels::intern(std::string_view text) {
  const uint32_t label = texts_.intern(text);
  // The names that make up these texts are in a dictionary of the same size.
  PURVEY_CHECK(label != base::Dictionary::kFull, "more than 16 M groups");
  return label;
}

const GroupLabels::Entry& GroupLabels::entry(uint32_t group) {
  if (group >= entries_.size()) entries_.resize(std::max<size_t>(group + 1, 2 * entries_.size()));
  Entry& entry = entries_[group];
  if (entry.split == kUnknown) {
    const std::string text = board_.dimensions_text(group);
    entry = {.split = split_mask(parse_labels(text)), .label = intern(text)};
  }
  return entry;
}

}  // namespace purvey::watch::internal
