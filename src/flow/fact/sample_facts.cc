#include "flow/fact/sample_facts.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"
#include "event/labels.h"

namespace purvey::flow {
namespace {

using event::EventKind;
using event::field_at;

const size_t kName = field_at(EventKind::kMetricSample, "name");
const size_t kValue = field_at(EventKind::kMetricSample, "value");
const size_t kUnit = field_at(EventKind::kMetricSample, "unit");
const size_t kLabels = field_at(EventKind::kMetricSample, "labels");

}  // namespace

SampleFacts::SampleFacts(std::vector<CleanRule> rules, const base::Dictionary& names)
    : names_(names), rules_(rules), cleaner_(std::move(rules)) {}

bool SampleFacts::takes(const event::EventBatch& batch, const event::EventRow& row) {
  if (row.refused || rules_.empty()) return false;
  const auto name = static_cast<uint32_t>(batch.field(row, kName));
  const auto [known, is_new] = takes_.try_emplace(name, false);
  if (is_new) known->second = rule_of(names_.text(name)) != nullptr;
  return known->second;
}

const CleanRule* SampleFacts::rule_of(std::string_view name) const {
  const auto rule = std::find_if(rules_.begin(), rules_.end(),
                                 [&](const CleanRule& one) { return one.names(name); });
  return rule == rules_.end() ? nullptr : &*rule;
}

base::Result<void> SampleFacts::add(const event::EventBatch& batch, const event::EventRow& row) {
  const auto text = [&](size_t field) {
    const int64_t slot = batch.field(row, field);
    return slot == event::kAbsent ? std::string_view() : names_.text(static_cast<uint32_t>(slot));
  };
  const auto name = text(kName);
  const auto labels = text(kLabels);
  const auto unit = text(kUnit);
  // Where the rule does not unify units, values of different ones are different series.
  const CleanRule* const rule = rule_of(name);
  const bool unifies = rule != nullptr && !rule->unit.empty();
  const auto kept_unit = unifies ? std::string_view(rule->unit) : unit;
  const uint64_t key = base::hash64(kept_unit, base::hash64(labels, base::hash64(name)));
  const int64_t value = batch.field(row, kValue);
  PURVEY_TRY(
      cleaner_.add({.series = key,
                    .name = name,
                    .at = row.time,
                    .value = value == event::kAbsent ? std::nullopt
                                                     : std::optional(std::bit_cast<double>(value)),
                    .unit = unit},
                   cleaned_));
  const auto [series, is_new] = series_.try_emplace(key);
  if (!is_new) return {};
  const auto id = [&](size_t field) {
    const int64_t slot = batch.field(row, field);
    return slot == event::kAbsent ? 0 : static_cast<uint32_t>(slot);
  };
  series->second = {std::string(name), std::string(labels), std::string(kept_unit), id(kName),
                    id(kLabels)};
  return {};
}

void SampleFacts::write(store::RowBuffer& out, int64_t seq,
                        const std::function<void(const Value&)>& counted) {
  for (const CleanSample& sample : cleaned_) {
    const Series& series = series_.at(sample.series);
    out.integer(seq);
    out.text(series.name);
    out.text_or_null(series.labels);
    out.time(sample.at);
    sample.value ? out.number(*sample.value) : out.null();
    out.text_or_null(series.unit);
    const bool changed = sample.raw && sample.raw != sample.value;
    changed ? out.number(*sample.raw) : out.null();
    out.text_or_null(sample.mark);
    out.end_row(sample.at);
    if (sample.value) counted({series.name_id, series.labels_id, sample.at, *sample.value});
  }
  cleaned_.clear();
}

void SampleFacts::save(base::ByteWriter& writer) const {
  cleaner_.save(writer);
  std::vector<uint64_t> keys;
  for (const auto& [key, series] : series_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  writer.varint(keys.size());
  for (const uint64_t key : keys) {
    const Series& series = series_.at(key);
    writer.word(key);
    writer.text(series.name);
    writer.text(series.labels);
    writer.text(series.unit);
  }
}

base::Result<void> SampleFacts::load(base::ByteReader& reader, base::Dictionary& names) {
  PURVEY_TRY(cleaner_.load(reader, cleaned_));
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Series& series = series_[reader.word()];
    series.name = reader.text();
    series.labels = reader.text();
    series.unit = reader.text();
    series.name_id = names.intern(series.name);
    series.labels_id = series.labels.empty() ? 0 : event::intern_labels(names, series.labels);
  }
  if (!reader.ok()) return base::corrupt("saved samples: damaged");
  return {};
}

}  // namespace purvey::flow
