#include "store/archive/merge_plan.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace purvey::store::archive {
namespace {

/// Parts that may become one, but for their number and size.
struct Group {
  std::vector<const Part*> small;  ///< not full
  bool is_over = false;            ///< its span of days has passed
};

int64_t floored(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

size_t tier_of(uint64_t rows, size_t fan) {
  size_t tier = 0;
  for (; rows >= fan; rows /= fan) ++tier;
  return tier;
}

/// The oldest that fit together.
std::vector<const Part*> oldest_that_fit(std::vector<const Part*> parts, uint64_t rows_max) {
  std::sort(parts.begin(), parts.end(), [](const Part* a, const Part* b) {
    return std::tie(a->seq_from, a->seq_to, a->name) < std::tie(b->seq_from, b->seq_to, b->name);
  });
  uint64_t rows = 0;
  const auto end = std::find_if(parts.begin(), parts.end(), [&](const Part* part) {
    rows += part->rows;
    return rows > rows_max;
  });
  parts.erase(end, parts.end());
  return parts;
}

uint64_t rows_of(const std::vector<const Part*>& parts) {
  uint64_t rows = 0;
  for (const Part* part : parts) rows += part->rows;
  return rows;
}

/// Whether merging `a` costs less rows for each part that goes than merging `b`.
bool is_cheaper(const std::vector<const Part*>& a, const std::vector<const Part*>& b) {
  if (a.size() < 2 || b.size() < 2) return a.size() > b.size();
  return rows_of(a) * (b.size() - 1) < rows_of(b) * (a.size() - 1);
}

std::vector<const Part*> merge_in(const Group& group, const MergeRules& rules) {
  if (group.is_over) return oldest_that_fit(group.small, rules.rows_max);
  std::map<size_t, std::vector<const Part*>> tiers;
  for (const Part* part : group.small) tiers[tier_of(part->rows, rules.fan)].push_back(part);
  for (const auto& [tier, parts] : tiers) {
    if (parts.size() >= rules.fan) {
      auto oldest = oldest_that_fit(parts, rules.rows_max);
      if (oldest.size() > rules.fan) oldest.resize(rules.fan);
      return oldest;
    }
  }
  return {};
}

}  // namespace

std::vector<Part> plan_merge(std::span<const Part> parts, const MergeRules& rules) {
  using Key = std::tuple<TableId, std::string_view, bool, int64_t, int32_t>;
  std::map<Key, Group> groups;
  for (const Part& part : parts) {
    const bool is_full = part.rows > rules.rows_max / 2;
    if (is_full || rules.is_left_alone(part)) continue;
    const int32_t span = std::max(1, rules.span_days(part));
    // Of one that reaches over a border, merged under other settings, the later span is its own.
    const int64_t last = floored(part.stored_to, span);
    Group& group = groups[{part.table, part.month, part.is_thinned, last, span}];
    group.small.push_back(&part);
    group.is_over = part.stored_to != Part::kUnknownDay && last < floored(rules.today, span);
  }
  std::vector<const Part*> best;
  for (const auto& entry : groups) {
    auto merge = merge_in(entry.second, rules);
    if (is_cheaper(merge, best)) best = std::move(merge);
  }
  std::vector<Part> plan;
  if (best.size() < 2) return plan;
  for (const Part* part : best) plan.push_back(*part);
  return plan;
}

}  // namespace purvey::store::archive
