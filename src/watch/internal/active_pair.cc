#include "watch/internal/active_pair.h"

#include <algorithm>
#include <tuple>

namespace purvey::watch::internal {
namespace {

constexpr uint64_t kVersion = 1;
constexpr uint64_t kSavedPairBytesLeast = 11;
constexpr int64_t kSaneMax = int64_t{1} << 60;

void save_pair(const SavedPair& saved, base::ByteWriter& writer) {
  writer.text(saved.rule);
  writer.text(saved.metric);
  writer.text(saved.dimensions);
  writer.zigzag(saved.window_seconds);
  writer.varint(static_cast<uint64_t>(saved.severity));
  writer.varint(saved.pair.firing ? 1 : 0);
  writer.zigzag(saved.pair.held_windows);
  writer.zigzag(saved.pair.back_windows);
  writer.zigzag(saved.pair.last_end.micros);
  writer.zigzag(saved.pair.fired.micros);
  writer.text(saved.pair.title);
}

base::Result<SavedPair> load_pair(base::ByteReader& reader) {
  SavedPair saved;
  saved.rule = reader.text();
  saved.metric = reader.text();
  saved.dimensions = reader.text();
  saved.window_seconds = reader.zigzag();
  const uint64_t severity = reader.varint();
  const uint64_t firing = reader.varint();
  saved.pair.held_windows = reader.zigzag();
  saved.pair.back_windows = reader.zigzag();
  saved.pair.last_end.micros = reader.zigzag();
  saved.pair.fired.micros = reader.zigzag();
  saved.pair.title = reader.text();
  const ActivePair& pair = saved.pair;
  if (!reader.ok() || severity > static_cast<uint64_t>(Severity::kCritical) || firing > 1 ||
      !is_sane(pair.last_end) || !is_sane(pair.fired) || pair.held_windows < 0 ||
      pair.held_windows > kSaneMax || pair.back_windows < 0 || pair.back_windows > kSaneMax) {
    return base::corrupt("saved incidents: damaged");
  }
  saved.severity = static_cast<Severity>(severity);
  saved.pair.firing = firing == 1;
  return saved;
}

}  // namespace

bool is_sane(base::EventTime time) {
  return time.micros > -kSaneMax && time.micros < kSaneMax;
}

void save_pairs(std::vector<SavedPair> pairs, base::ByteWriter& writer) {
  std::sort(pairs.begin(), pairs.end(), [](const SavedPair& a, const SavedPair& b) {
    return std::tie(a.rule, a.dimensions, a.pair.fired) <
           std::tie(b.rule, b.dimensions, b.pair.fired);
  });
  writer.varint(kVersion);
  writer.varint(pairs.size());
  for (const SavedPair& saved : pairs) save_pair(saved, writer);
}

base::Result<std::vector<SavedPair>> load_pairs(base::ByteReader& reader) {
  const uint64_t version = reader.varint();
  if (version != kVersion) return base::corrupt("saved incidents: not of a known version");
  const uint64_t count = reader.varint();
  if (!reader.fits(count, kSavedPairBytesLeast)) return base::corrupt("saved incidents: damaged");
  std::vector<SavedPair> pairs;
  pairs.reserve(count);
  for (uint64_t i = 0; i < count; ++i) pairs.push_back(PURVEY_TRY(load_pair(reader)));
  return pairs;
}

}  // namespace purvey::watch::internal
