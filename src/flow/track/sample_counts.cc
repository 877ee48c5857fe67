#include "flow/track/sample_counts.h"

#include <algorithm>
#include <cmath>

#include "flow/track/internal/event_fields.h"

namespace purvey::flow {
namespace {

using event::EventKind;
using event::field_at;

const size_t kName = field_at(EventKind::kMetricSample, "name");
const size_t kValue = field_at(EventKind::kMetricSample, "value");
const size_t kLabels = field_at(EventKind::kMetricSample, "labels");

}  // namespace

void SampleCounts::count(const event::EventBatch& batch, const event::EventRow& row) {
  if (pack_.samples.empty() || batch.field(row, kValue) == event::kAbsent) return;
  count({.name = internal::name_of(batch, row, kName),
         .labels = internal::name_of(batch, row, kLabels),
         .at = row.time,
         .value = batch.number(row, kValue),
         .backfill = row.backfill});
}

void SampleCounts::count(const CountedSample& sample) {
  const auto measure = measure_of(sample.name);
  if (!measure || !(std::abs(sample.value) <= kValueMost)) return;
  sink_.add({.measure = *measure,
             .time = sample.at,
             .value = internal::fine(sample.value),
             .backfill = sample.backfill},
            dimensions_of(sample.labels));
}

std::optional<Measure> SampleCounts::measure_of(uint32_t name) {
  const auto [known, is_new] = measures_.try_emplace(name);
  if (!is_new) return known->second;
  const auto place = std::find(pack_.samples.begin(), pack_.samples.end(), names_.text(name));
  if (place != pack_.samples.end()) {
    known->second = sample_measure(static_cast<size_t>(place - pack_.samples.begin()));
  }
  return known->second;
}

const Dimensions& SampleCounts::dimensions_of(uint32_t labels) {
  const auto [known, is_new] = dimensions_.try_emplace(labels);
  if (!is_new) return known->second;
  const auto parts = names_.parts(labels);
  for (size_t i = 0; i + 1 < parts.size(); i += 2) {
    const auto dimension = find_dimension(names_.text(parts[i]));
    if (dimension) known->second[*dimension] = parts[i + 1];
  }
  return known->second;
}

}  // namespace purvey::flow
