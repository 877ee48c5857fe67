#include "flow/import/event_writer.h"

#include <fmt/core.h>

#include <array>
#include <bit>
#include <cstring>

#include "base/hash.h"
#include "flow/import/import_map.h"

namespace purvey::flow {
namespace {

static_assert(kMapRulesMax <= (size_t{1} << EventWriter::kRuleBits));
static_assert((RowId::kFilesMax >> (64 - RowId::kLineBits - EventWriter::kRuleBits)) == 0);

/// Negative times before positive ones.
constexpr uint64_t kSign = uint64_t{1} << 63;

/// The place of an event in the output, as bytes that compare in that order.
using PlaceBytes = std::array<char, 16>;

PlaceBytes to_bytes(SortKey place) {
  PlaceBytes bytes;
  const uint64_t major = __builtin_bswap64(place.major);
  const uint64_t minor = __builtin_bswap64(place.minor);
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(bytes.data(), &major, 8);
  std::memcpy(bytes.data() + 8, &minor, 8);
  return bytes;
}

SortKey from_bytes(std::string_view bytes) {
  uint64_t major = 0;
  uint64_t minor = 0;
  std::memcpy(&major, bytes.data(), 8);
  std::memcpy(&minor, bytes.data() + 8, 8);
  return {__builtin_bswap64(major), __builtin_bswap64(minor)};
}

RowId row_of(SortKey place) {
  return {place.minor >> EventWriter::kRuleBits};
}

/// The id in a line made by EventMaker, as JSON has it.
std::string_view id_in(std::string_view json) {
  constexpr std::string_view kBefore = "\"id\":\"";
  const size_t begin = json.find(kBefore);
  if (begin == json.npos) return {};
  const auto rest = json.substr(begin + kBefore.size());
  size_t end = 0;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  return rest.substr(0, end);
}

}  // namespace

EventWriter::EventWriter(const std::string& folder, size_t event_memory, size_t id_memory)
    : events_(folder, event_memory),
      ids_(std::make_unique<RecordSorter>(folder, id_memory)),
      duplicates_(folder, id_memory / 4) {}

base::Result<void> EventWriter::add(base::EventTime time, RowId row, size_t rule,
                                    std::string_view id, std::string_view json) {
  const SortKey place{static_cast<uint64_t>(time.micros) ^ kSign, (row.value << kRuleBits) | rule};
  const auto hash = base::hash128(id);
  const auto bytes = to_bytes(place);
  PURVEY_TRY(ids_->add({hash.high, hash.low}, {bytes.data(), bytes.size()}));
  return events_.add(place, json);
}

base::Result<void> EventWriter::find_duplicates() {
  PURVEY_TRY(ids_->finish());
  SortKey last;
  std::string first;
  SortKey key;
  std::string_view place;
  while (PURVEY_TRY(ids_->next(key, place))) {
    if (!first.empty() && key == last) {
      PURVEY_TRY(duplicates_.add(from_bytes(place), first));
      continue;
    }
    last = key;
    first.assign(place);
  }
  ids_.reset();
  return duplicates_.finish();
}

base::Result<uint64_t> EventWriter::write(base::WholeFile& out, RejectReport& report,
                                          const std::vector<std::string>& files,
                                          const ByteProgress& progress) {
  constexpr uint64_t kEventsBetweenProgress = 8192;
  PURVEY_TRY(find_duplicates());
  PURVEY_TRY(events_.finish());
  SortKey duplicate;
  std::string_view first;
  bool more = PURVEY_TRY(duplicates_.next(duplicate, first));
  uint64_t written = 0;
  uint64_t bytes = 0;
  SortKey place;
  std::string_view json;
  while (PURVEY_TRY(events_.next(place, json))) {
    if (more && place == duplicate) {
      const RowId there = row_of(from_bytes(first));
      const auto reason = fmt::format("an event of this id is there already, from {}:{}",
                                      files[there.file()], there.line());
      PURVEY_TRY(report.take_back(row_of(place), {reason, "", std::string(id_in(json))}));
      more = PURVEY_TRY(duplicates_.next(duplicate, first));
      continue;
    }
    PURVEY_TRY(out.write(json));
    PURVEY_TRY(out.write("\n"));
    bytes += json.size();
    if (++written % kEventsBetweenProgress == 0 && !progress(bytes, events_.bytes())) {
      return base::cancelled("the import was stopped");
    }
  }
  return written;
}

}  // namespace purvey::flow
