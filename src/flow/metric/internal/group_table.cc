#include "flow/metric/internal/group_table.h"

#include <algorithm>

#include "base/json_text.h"

namespace purvey::flow::internal {

GroupTable::GroupTable(const Pack& pack, const base::Dictionary& names) : names_(names) {
  for (uint32_t place = 0; place < pack.kpis.size(); ++place) {
    const Kpi& kpi = pack.kpis[place];
    for (const Split& split : kpi.splits) {
      const auto found = std::find(splits_.begin(), splits_.end(), split);
      const auto id = static_cast<uint8_t>(found - splits_.begin());
      if (found == splits_.end()) {
        splits_.push_back(split);
        kpis_of_split_.emplace_back();
        trails_of_split_.emplace_back();
      }
      kpis_of_split_[id].push_back(place);
      for (const Term& term : kpi.formula.terms()) {
        if (term.trailing.count() > 0) {
          trails_of_split_[id].push_back({term.measure, term.trailing.count()});
        }
        auto& splits = splits_of_[static_cast<size_t>(term.measure)];
        if (std::find(splits.begin(), splits.end(), id) == splits.end()) splits.push_back(id);
      }
    }
    for (const Term& term : kpi.formula.terms()) {
      const auto measure = static_cast<size_t>(term.measure);
      needs_sketch_[measure] |=
          term.aggregate == Aggregate::kQuantile || term.aggregate == Aggregate::kDistinct;
      is_running_[measure] |=
          term.aggregate == Aggregate::kLevel || term.aggregate == Aggregate::kPerDay;
    }
  }
}

uint32_t GroupTable::find_or_add(uint64_t key) {
  const auto [entry, is_new] = ids_.try_emplace(key, static_cast<uint32_t>(groups_.size()));
  if (!is_new) return entry->second;
  constexpr uint64_t kName = (uint64_t{1} << kNameBits) - 1;
  groups_.push_back({static_cast<uint8_t>(key >> (2 * kNameBits)),
                     static_cast<uint32_t>(key >> kNameBits & kName),
                     static_cast<uint32_t>(key & kName)});
  return entry->second;
}

std::string GroupTable::text(uint32_t group) const {
  const Group& entry = groups_[group];
  const Split& split = splits_[entry.split];
  const uint32_t values[] = {entry.first, entry.second};
  std::string out = "{";
  for (size_t i = 0; i < split.size(); ++i) {
    if (i > 0) out += ',';
    base::append_json_string(out, dimension_name(split[i]));
    out += ':';
    base::append_json_string(out, names_.text(values[i]));
  }
  return out + "}";
}

void GroupTable::save(base::ByteWriter& writer) const {
  writer.varint(groups_.size());
  for (const Group& group : groups_) {
    const Split& split = splits_[group.split];
    writer.varint(split.size());
    const uint32_t values[] = {group.first, group.second};
    for (size_t i = 0; i < split.size(); ++i) {
      writer.text(dimension_name(split[i]));
      writer.text(names_.text(values[i]));
    }
  }
}

void GroupTable::load(base::ByteReader& reader, base::Dictionary& names) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Split split;
    uint32_t values[2] = {0, 0};
    const uint64_t parts = reader.varint();
    for (uint64_t part = 0; part < parts && part < 2 && reader.ok(); ++part) {
      const auto dimension = find_dimension(reader.text());
      values[part] = names.intern(reader.text());
      if (dimension) split.push_back(*dimension);
    }
    // A split that the pack no longer asks for keeps its place, so that the cells' group numbers
    // stay right.
    const auto found = std::find(splits_.begin(), splits_.end(), split);
    const auto id = static_cast<uint8_t>(found - splits_.begin());
    if (found == splits_.end()) {
      splits_.push_back(split);
      kpis_of_split_.emplace_back();
      trails_of_split_.emplace_back();
    }
    number_of(id, values[0], values[1]);
  }
}

}  // namespace purvey::flow::internal
