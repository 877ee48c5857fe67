#include "flow/clean/sample_cleaner.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace purvey::flow {
namespace {

using algo::FillMethod;
using base::ByteReader;
using base::ByteWriter;
using base::Result;

constexpr uint64_t kStateVersion = 1;

/// Times within +-2^53 microseconds (the years 1685 to 2255) are exact as doubles; the cleaner
/// takes no others.
constexpr int64_t kAxisMax = 1LL << 53;

bool is_on_axis(base::EventTime time) {
  return time.micros > -kAxisMax && time.micros < kAxisMax;
}

double to_axis(base::EventTime time) {
  return static_cast<double>(time.micros);
}

base::EventTime from_axis(double at) {
  constexpr auto kEnd = static_cast<double>(kAxisMax);
  return {static_cast<int64_t>(std::clamp(at, -kEnd, kEnd))};
}

void append_mark(std::string& mark, std::string_view part) {
  if (!mark.empty()) mark += "; ";
  mark += part;
}

std::string outlier_mark(const algo::OutlierVerdict& verdict, const algo::OutlierOptions& options) {
  return fmt::format("outlier:{} score {:.3g} of {:.6g} expected {:.6g}..{:.6g}",
                     algo::outlier_method_name(options.method), verdict.score, options.threshold,
                     verdict.lo, verdict.hi);
}

std::string fill_mark(FillMethod method, FillMethod wanted) {
  if (method == FillMethod::kDrop) return "missing:drop";
  std::string mark = fmt::format("filled:{}", algo::fill_method_name(method));
  if (method == FillMethod::kLinear && wanted == FillMethod::kSeasonal) {
    mark += " (fewer than 2 seasons known)";
  } else if (method == FillMethod::kLinear && wanted == FillMethod::kPolynomial) {
    mark += " (too few values for a curve)";
  }
  return mark;
}

/// A sample of a rule that no series takes in: late, or beyond a limit.
CleanSample passed_through(const RawSample& sample, std::optional<double> value, std::string mark,
                           std::string_view why) {
  if (!value) append_mark(mark, "missing:drop");
  append_mark(mark, why);
  return {sample.series, sample.at, value, sample.value, std::move(mark)};
}

void write_optional(ByteWriter& writer, std::optional<double> value) {
  writer.varint(value ? 1 : 0);
  if (value) writer.word(std::bit_cast<uint64_t>(*value));
}

/// False for a number that add() would not have taken.
bool read_optional(ByteReader& reader, std::optional<double>& value) {
  value.reset();
  if (reader.varint() == 0) return true;
  value = std::bit_cast<double>(reader.word());
  return std::abs(*value) <= algo::kSeriesValueMax;
}

}  // namespace

SampleCleaner::SampleCleaner(std::vector<CleanRule> rules, size_t series_max)
    : series_max_(series_max) {
  for (CleanRule& rule : rules) {
    const uint64_t fingerprint = rule.fingerprint();
    rules_.push_back({std::move(rule), fingerprint, {}});
  }
}

Result<void> SampleCleaner::add(const RawSample& sample, std::vector<CleanSample>& out) {
  Rule* rule = find_rule(sample.name);
  if (rule == nullptr) {
    out.push_back({sample.series, sample.at, sample.value, sample.value, ""});
    return {};
  }
  if (sample.value && !(std::abs(*sample.value) <= algo::kSeriesValueMax)) {
    return base::invalid_input(
        fmt::format("metric {}: a value that is not finite or beyond 1e100", sample.name));
  }
  Prepared prepared = PURVEY_TRY(prepare(*rule, sample));
  std::string why;
  Series* series = nullptr;
  if (!is_on_axis(sample.at)) {
    why = "not cleaned:time out of range";
  } else if (series = find_series(*rule, sample); series == nullptr) {
    why = fmt::format("not cleaned:more than {} series", series_max_);
  } else if (sample.at <= series->last) {
    why = "late:not judged";
  }
  if (why.empty()) {
    clean(*series, sample, std::move(prepared), out);
  } else {
    out.push_back(passed_through(sample, prepared.value, std::move(prepared.mark), why));
  }
  return {};
}

SampleCleaner::Rule* SampleCleaner::find_rule(std::string_view name) {
  const auto at = std::find_if(rules_.begin(), rules_.end(),
                               [&](const Rule& rule) { return rule.rule.names(name); });
  return at == rules_.end() ? nullptr : &*at;
}

Result<const SampleCleaner::UnitStep*> SampleCleaner::unit_step(Rule& rule, std::string_view unit) {
  for (const UnitStep& known : rule.units) {
    if (known.unit == unit) return &known;
  }
  UnitStep step{std::string(unit), PURVEY_TRY(base::unit_conversion(unit, rule.rule.unit)), ""};
  const std::string from = PURVEY_TRY(base::unit_symbol(unit));
  const std::string to = PURVEY_TRY(base::unit_symbol(rule.rule.unit));
  if (from != to) step.mark = fmt::format("unit:{}>{}", from, to);
  // Few spellings are in use; a source that invents new ones does not make this grow.
  constexpr size_t kSpellingsMax = 64;
  if (rule.units.size() >= kSpellingsMax) rule.units.clear();
  rule.units.push_back(std::move(step));
  return &rule.units.back();
}

Result<SampleCleaner::Prepared> SampleCleaner::prepare(Rule& rule, const RawSample& sample) {
  Prepared prepared{sample.value, ""};
  if (rule.rule.unit.empty() || sample.unit.empty()) return prepared;
  const auto step = unit_step(rule, sample.unit);
  if (!step) {
    return base::unsupported(fmt::format("metric {}: {}", sample.name, step.error().message));
  }
  if (!sample.value || (*step)->mark.empty()) return prepared;
  const double converted = (*step)->conversion.apply(*sample.value);
  if (!(std::abs(converted) <= algo::kSeriesValueMax)) {
    return base::invalid_input(
        fmt::format("metric {}: a value beyond 1e100 in {}", sample.name, rule.rule.unit));
  }
  prepared.value = converted;
  prepared.mark = (*step)->mark;
  return prepared;
}

SampleCleaner::Series SampleCleaner::new_series(size_t rule) const {
  const CleanRule& settings = rules_[rule].rule;
  Series series{rule, base::kNever, std::nullopt, algo::SeriesFiller(settings.fill), {}};
  if (settings.outlier) series.outlier.emplace(*settings.outlier);
  return series;
}

SampleCleaner::Series* SampleCleaner::find_series(const Rule& rule, const RawSample& sample) {
  const auto known = series_.find(sample.series);
  if (known != series_.end()) return &known->second;
  if (series_.size() >= series_max_) return nullptr;
  const auto index = static_cast<size_t>(&rule - rules_.data());
  return &series_.emplace(sample.series, new_series(index)).first->second;
}

void SampleCleaner::clean(Series& series, const RawSample& sample, Prepared prepared,
                          std::vector<CleanSample>& out) {
  series.last = sample.at;
  bool is_trusted = true;
  if (prepared.value && series.outlier) {
    const algo::OutlierVerdict verdict = series.outlier->add(*prepared.value);
    is_trusted = !verdict.is_outlier;
    if (verdict.is_outlier) {
      append_mark(prepared.mark, outlier_mark(verdict, *rules_[series.rule].rule.outlier));
    }
  }
  filled_.clear();
  series.filler.add(to_axis(sample.at), prepared.value, is_trusted, filled_);
  if (prepared.value) series.waiting.push_back({sample.value, std::move(prepared.mark)});
  emit(sample.series, series, wanted_method(series), out);
}

FillMethod SampleCleaner::wanted_method(const Series& series) const {
  return rules_[series.rule].rule.fill.method;
}

/// Turns filled_, what one series gave, into samples.
void SampleCleaner::emit(uint64_t key, Series& series, FillMethod wanted,
                         std::vector<CleanSample>& out) {
  size_t known = 0;
  for (const algo::FilledPoint& point : filled_) {
    const base::EventTime at = from_axis(point.at);
    const FillMethod method = point.filled.method;
    if (method == FillMethod::kKnown) {
      Waiting& waiting = series.waiting[known++];
      out.push_back({key, at, point.filled.value, waiting.raw, std::move(waiting.mark)});
    } else if (method == FillMethod::kDrop) {
      out.push_back({key, at, std::nullopt, std::nullopt, fill_mark(method, wanted)});
    } else {
      out.push_back({key, at, point.filled.value, std::nullopt, fill_mark(method, wanted)});
    }
  }
  series.waiting.erase(series.waiting.begin(),
                       series.waiting.begin() + static_cast<std::ptrdiff_t>(known));
  if (series.filler.is_holding()) {
    holding_.insert(key);
  } else {
    holding_.erase(key);
  }
}

void SampleCleaner::advance(base::EventTime now, std::vector<CleanSample>& out) {
  give_up(now, out);
}

void SampleCleaner::flush(std::vector<CleanSample>& out) {
  give_up(std::nullopt, out);
}

/// Gives up what `now` shows to be too late; without it, everything.
void SampleCleaner::give_up(std::optional<base::EventTime> now, std::vector<CleanSample>& out) {
  const std::vector<uint64_t> keys(holding_.begin(), holding_.end());
  for (const uint64_t key : keys) {
    Series& series = series_.find(key)->second;
    filled_.clear();
    if (now) {
      series.filler.advance(to_axis(*now), filled_);
    } else {
      series.filler.flush(filled_);
    }
    emit(key, series, wanted_method(series), out);
  }
}

void SampleCleaner::save(ByteWriter& writer) const {
  writer.varint(kStateVersion);
  writer.varint(series_.size());
  std::vector<uint64_t> keys;
  for (const auto& [key, series] : series_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  for (const uint64_t key : keys) {
    const Series& series = series_.find(key)->second;
    std::string bytes;
    ByteWriter inner(bytes);
    inner.zigzag(series.last.micros);
    inner.varint(series.waiting.size());
    for (const Waiting& waiting : series.waiting) {
      write_optional(inner, waiting.raw);
      inner.text(waiting.mark);
    }
    series.filler.save(inner);
    if (series.outlier) series.outlier->save(inner);
    writer.word(key);
    writer.word(rules_[series.rule].fingerprint);
    writer.text(bytes);
  }
}

Result<void> SampleCleaner::load(ByteReader& reader, std::vector<CleanSample>& out) {
  const uint64_t version = reader.varint();
  if (version != kStateVersion) {
    return base::corrupt(
        fmt::format("cleaner state of version {}, this one reads {}", version, kStateVersion));
  }
  const uint64_t count = reader.varint();
  constexpr uint64_t kLeastBytes = 17;
  if (!reader.fits(count, kLeastBytes)) return base::corrupt("cleaner state ends too early");
  for (uint64_t i = 0; i < count; ++i) PURVEY_TRY(load_series(reader, out));
  if (!reader.ok()) return base::corrupt("cleaner state ends too early");
  return {};
}

Result<void> SampleCleaner::load_series(ByteReader& reader, std::vector<CleanSample>& out) {
  const uint64_t key = reader.word();
  const uint64_t fingerprint = reader.word();
  ByteReader inner(reader.text());
  const auto rule = std::find_if(rules_.begin(), rules_.end(),
                                 [&](const Rule& each) { return each.fingerprint == fingerprint; });
  // The filler of a rule that is gone is read only to let go of what waits in it.
  const bool is_known = rule != rules_.end();
  Series series = is_known ? new_series(static_cast<size_t>(rule - rules_.begin()))
                           : Series{0, base::kNever, std::nullopt, algo::SeriesFiller({}), {}};
  series.last = {inner.zigzag()};
  const uint64_t waiting = inner.varint();
  bool sound = waiting <= algo::SeriesFiller::kHeldMax && inner.fits(waiting, 2);
  for (uint64_t i = 0; sound && i < waiting; ++i) {
    std::optional<double> raw;
    sound = read_optional(inner, raw);
    series.waiting.push_back({raw, std::string(inner.text())});
  }
  const bool filled = sound && series.filler.load(inner);
  if (!filled || series.filler.held_known() != waiting ||
      series.filler.latest() > to_axis(series.last)) {
    return base::corrupt(fmt::format("cleaner state of series {:016x} is damaged", key));
  }
  if (!is_known) {
    filled_.clear();
    series.filler.flush(filled_);
    emit(key, series, FillMethod::kDrop, out);
    return {};
  }
  const bool judged = !series.outlier || series.outlier->load(inner);
  if (!judged || !inner.finish("cleaner state")) {
    return base::corrupt(fmt::format("cleaner state of series {:016x} is damaged", key));
  }
  if (series.filler.is_holding()) holding_.insert(key);
  if (!series_.emplace(key, std::move(series)).second) {
    return base::corrupt(fmt::format("cleaner state has series {:016x} twice", key));
  }
  return {};
}

}  // namespace purvey::flow
