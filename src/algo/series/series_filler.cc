#include "algo/series/series_filler.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace purvey::algo {
namespace {

constexpr FilledValue kDropped{FillMethod::kDrop, 0};

void write_double(base::ByteWriter& writer, double value) {
  writer.word(std::bit_cast<uint64_t>(value));
}

/// A finite number within the border; anything else is damage.
bool read_double(base::ByteReader& reader, double& value) {
  value = std::bit_cast<double>(reader.word());
  return reader.ok() && std::abs(value) <= kSeriesValueMax;
}

}  // namespace

void SeriesFiller::add(double at, std::optional<double> value, bool trusted,
                       std::vector<FilledPoint>& out) {
  advance(at, out);
  if (!value) {
    take_missing(at, out);
    return;
  }
  const FilledValue known{FillMethod::kKnown, *value};
  if (trusted) {
    resolve({at, *value}, out);
    remember({at, *value});
    out.push_back({at, known});
  } else if (held_.empty()) {
    out.push_back({at, known});
  } else {
    held_.push_back({at, known});
  }
  if (held_.size() > kHeldMax) release(1, out);
}

void SeriesFiller::advance(double now, std::vector<FilledPoint>& out) {
  if (held_.empty()) return;
  const bool bridgeable =
      history_start_ < history_.size() && now - history_.back().at <= options_.max_gap;
  if (!bridgeable) flush(out);
}

void SeriesFiller::flush(std::vector<FilledPoint>& out) {
  release(held_.size(), out);
}

/// Appends the first `count` of the queue, and all behind them up to the next that still waits.
void SeriesFiller::release(size_t count, std::vector<FilledPoint>& out) {
  size_t released = 0;
  for (; released < held_.size(); ++released) {
    const Held& held = held_[released];
    if (released >= count && !held.filled) break;
    out.push_back({held.at, held.filled.value_or(kDropped)});
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(released));
}

void SeriesFiller::take_missing(double at, std::vector<FilledPoint>& out) {
  const std::span<const KnownPoint> known = std::span(history_).subspan(history_start_);
  const bool near_last = !known.empty() && at - known.back().at <= options_.max_gap;
  std::optional<FilledValue> filled = kDropped;
  switch (options_.method) {
    case FillMethod::kKnown:
    case FillMethod::kDrop:
      break;
    case FillMethod::kDefault:
      filled = {FillMethod::kDefault, options_.default_value};
      break;
    case FillMethod::kCarry:
      if (near_last) filled = {FillMethod::kCarry, known.back().value};
      break;
    case FillMethod::kSeasonal:
      if (near_last) {
        const auto value = estimate_seasonal(known, options_.season, at);
        filled = value ? std::optional(FilledValue{FillMethod::kSeasonal, *value}) : std::nullopt;
      }
      break;
    case FillMethod::kLinear:
    case FillMethod::kPolynomial:
      if (near_last) filled.reset();
      break;
  }
  if (filled && held_.empty()) {
    out.push_back({at, *filled});
    return;
  }
  held_.push_back({at, filled});
  if (held_.size() > kHeldMax) release(1, out);
}

void SeriesFiller::resolve(KnownPoint next, std::vector<FilledPoint>& out) {
  for (Held& held : held_) {
    if (!held.filled) held.filled = bridge(held.at, next);
  }
  release(held_.size(), out);
}

FilledValue SeriesFiller::bridge(double at, KnownPoint next) const {
  const std::span<const KnownPoint> known = std::span(history_).subspan(history_start_);
  if (known.empty() || next.at - known.back().at > options_.max_gap) return kDropped;
  if (options_.method == FillMethod::kPolynomial) {
    const auto nearest = known.last(std::min(known.size(), options_.points_before));
    std::vector<KnownPoint> points(nearest.begin(), nearest.end());
    points.push_back(next);
    const auto value = interpolate_polynomial(points, options_.degree, at);
    if (value) return {FillMethod::kPolynomial, *value};
  }
  return {FillMethod::kLinear, interpolate_linear(known.back(), next, at)};
}

size_t SeriesFiller::history_wanted() const {
  switch (options_.method) {
    case FillMethod::kKnown:
    case FillMethod::kDrop:
    case FillMethod::kDefault:
      return 0;
    case FillMethod::kCarry:
    case FillMethod::kLinear:
      return 1;
    case FillMethod::kPolynomial:
      return options_.points_before;
    case FillMethod::kSeasonal:
      return kHistoryMax;
  }
  return 0;
}

void SeriesFiller::remember(KnownPoint point) {
  history_.push_back(point);
  const size_t wanted = history_wanted();
  if (history_.size() - history_start_ > wanted) ++history_start_;
  if (options_.method == FillMethod::kSeasonal) {
    // One tolerance more than the seasons: a value in phase may lie that much before them. The
    // newest point always stays.
    const double span = (kSeasonsMax + 1) * options_.season.length + options_.season.tolerance;
    while (history_[history_start_].at < point.at - span) ++history_start_;
  }
  if (history_start_ > 16 && history_start_ * 2 > history_.size()) {
    history_.erase(history_.begin(),
                   history_.begin() + static_cast<std::ptrdiff_t>(history_start_));
    history_start_ = 0;
  }
}

size_t SeriesFiller::held_known() const {
  return static_cast<size_t>(std::count_if(held_.begin(), held_.end(), [](const Held& held) {
    return held.filled && held.filled->method == FillMethod::kKnown;
  }));
}

double SeriesFiller::latest() const {
  if (!held_.empty()) return held_.back().at;
  if (history_start_ < history_.size()) return history_.back().at;
  return -std::numeric_limits<double>::infinity();
}

void SeriesFiller::save(base::ByteWriter& writer) const {
  writer.varint(history_.size() - history_start_);
  for (size_t i = history_start_; i < history_.size(); ++i) {
    write_double(writer, history_[i].at);
    write_double(writer, history_[i].value);
  }
  writer.varint(held_.size());
  for (const Held& held : held_) {
    write_double(writer, held.at);
    writer.varint(held.filled ? static_cast<uint64_t>(held.filled->method) + 1 : 0);
    if (held.filled) write_double(writer, held.filled->value);
  }
}

bool SeriesFiller::load(base::ByteReader& reader) {
  SeriesFiller loaded(options_);
  const uint64_t known = reader.varint();
  if (known > kHistoryMax || !reader.fits(known, 16)) return false;
  for (uint64_t i = 0; i < known; ++i) {
    KnownPoint point{};
    if (!read_double(reader, point.at) || !read_double(reader, point.value)) return false;
    if (point.at <= loaded.latest()) return false;
    loaded.history_.push_back(point);
  }
  const uint64_t held = reader.varint();
  if (held > kHeldMax || !reader.fits(held, 9)) return false;
  for (uint64_t i = 0; i < held; ++i) {
    Held each{};
    if (!read_double(reader, each.at) || each.at <= loaded.latest()) return false;
    if (const uint64_t method = reader.varint()) {
      if (method > static_cast<uint64_t>(FillMethod::kSeasonal) + 1) return false;
      each.filled = FilledValue{static_cast<FillMethod>(method - 1), 0};
      if (!read_double(reader, each.filled->value)) return false;
    }
    loaded.held_.push_back(each);
  }
  if (!reader.ok()) return false;
  *this = std::move(loaded);
  return true;
}

}  // namespace purvey::algo
