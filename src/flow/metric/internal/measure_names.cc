#include "flow/metric/internal/measure_names.h"

#include <algorithm>
#include <string_view>

namespace purvey::flow::internal {
namespace {

std::optional<Measure> find_sample(const Pack& pack, std::string_view name) {
  const auto found = std::find(pack.samples.begin(), pack.samples.end(), name);
  if (found == pack.samples.end()) return std::nullopt;
  return sample_measure(static_cast<size_t>(found - pack.samples.begin()));
}

}  // namespace

void MeasureNames::save(const Pack& pack, base::ByteWriter& writer) {
  writer.varint(kNamedMeasures);
  for (size_t i = 0; i < kNamedMeasures; ++i) {
    writer.text(measure_spec(static_cast<Measure>(i)).name);
  }
  writer.varint(pack.samples.size());
  for (const std::string& name : pack.samples) writer.text(name);
}

MeasureNames::MeasureNames(const Pack& pack, base::ByteReader& reader) {
  const uint64_t named = reader.varint();
  for (uint64_t i = 0; i < named && reader.ok(); ++i) {
    const auto measure = find_measure(reader.text());
    i < today_.size() ? void(today_[i] = measure) : reader.spoil();
  }
  const uint64_t samples = reader.varint();
  for (uint64_t i = named; i < named + samples && reader.ok(); ++i) {
    const auto measure = find_sample(pack, reader.text());
    i < today_.size() ? void(today_[i] = measure) : reader.spoil();
  }
}

std::optional<SeriesKey> MeasureNames::today(SeriesKey saved) const {
  const auto measure = today_[static_cast<size_t>(measure_of(saved))];
  if (!measure) return std::nullopt;
  return series_key(group_of(saved), *measure);
}

}  // namespace purvey::flow::internal
