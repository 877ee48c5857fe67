#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/metric/pack.h"

namespace purvey::flow::internal {

/// The groups that the splits of a pack make of dimensions, and which KPIs rest on which measure of
/// them.
class GroupTable {
 public:
  GroupTable(const Pack& pack, const base::Dictionary& names);

  /// Calls `visit(group)` for the groups of every split that a KPI using `measure` asks for and
  /// whose names are known.
  template <class Visit>
  void visit_groups(Measure measure, const Dimensions& dimensions, const Visit& visit) {
    for (const uint8_t split : splits_of_[static_cast<size_t>(measure)]) {
      const Split& parts = splits_[split];
      uint32_t first = 0;
      uint32_t second = 0;
      if (!parts.empty() && (first = dimensions[parts[0]]) == 0) continue;
      if (parts.size() > 1 && (second = dimensions[parts[1]]) == 0) continue;
      visit(number_of(split, first, second));
    }
  }

  /// What moves when an observation of `measure` goes from one choice of names to another:
  /// `lost(group)` for groups that only `from` names, `gained(group)` for those that only `to`
  /// does.
  template <class Lost, class Gained>
  void visit_move(Measure measure, const Dimensions& from, const Dimensions& to, const Lost& lost,
                  const Gained& gained) {
    old_groups_.clear();
    visit_groups(measure, from, [&](uint32_t group) { old_groups_.push_back(group); });
    visit_groups(measure, to, [&](uint32_t group) {
      const auto known = std::find(old_groups_.begin(), old_groups_.end(), group);
      if (known == old_groups_.end()) return gained(group);
      old_groups_.erase(known);
    });
    for (const uint32_t group : old_groups_) lost(group);
  }

  /// A group by what it consists of, the same in every table of a pack.
  struct Group {
    uint8_t split;
    uint32_t first;
    uint32_t second;
  };
  size_t size() const { return groups_.size(); }
  const Group& parts_of(uint32_t group) const { return groups_[group]; }
  uint32_t number_of(const Group& group) {
    return number_of(group.split, group.first, group.second);
  }

  /// KPIs (places in the pack) that are split as this group is.
  const std::vector<uint32_t>& kpis_of(uint32_t group) const {
    return kpis_of_split_[groups_[group].split];
  }

  bool needs_sketch(Measure measure) const { return needs_sketch_[static_cast<size_t>(measure)]; }
  /// Whether a level or daily sum over `measure` is asked for.
  bool is_running(Measure measure) const { return is_running_[static_cast<size_t>(measure)]; }

  /// What is asked for of a group over a duration up to a window's end, microseconds.
  struct Trail {
    Measure measure;
    int64_t length;
  };
  const std::vector<Trail>& trails_of(uint32_t group) const {
    return trails_of_split_[groups_[group].split];
  }

  std::string text(uint32_t group) const;

  void save(base::ByteWriter& writer) const;
  void load(base::ByteReader& reader, base::Dictionary& names);

 private:
  uint32_t number_of(uint8_t split, uint32_t first, uint32_t second) {
    const uint64_t key = static_cast<uint64_t>(split) << (2 * kNameBits) |
                         static_cast<uint64_t>(first) << kNameBits | second;
    Recent& recent = recent_[(key * 0x9E3779B97F4A7C15U) >> kRecentShift];
    if (recent.key != key) recent = {key, find_or_add(key)};
    return recent.group;
  }
  uint32_t find_or_add(uint64_t key);

  /// A group that was asked for lately, so that most events need no search.
  struct Recent {
    uint64_t key = ~uint64_t{0};  ///< of no group
    uint32_t group = 0;
  };
  static constexpr unsigned kNameBits = 24;  ///< base::Dictionary holds no more
  static constexpr size_t kRecent = 1024;
  static constexpr unsigned kRecentShift = 64 - 10;

  const base::Dictionary& names_;
  std::vector<Split> splits_;
  std::array<std::vector<uint8_t>, kMeasures> splits_of_;
  std::array<bool, kMeasures> needs_sketch_{};
  std::array<bool, kMeasures> is_running_{};
  std::vector<std::vector<uint32_t>> kpis_of_split_;
  std::vector<std::vector<Trail>> trails_of_split_;
  std::vector<Group> groups_;
  absl::flat_hash_map<uint64_t, uint32_t> ids_;
  std::array<Recent, kRecent> recent_{};
  std::vector<uint32_t> old_groups_;  ///< of visit_move(), kept for its memory
};

}  // namespace purvey::flow::internal
