#include "flow/admit/id_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <charconv>
#include <cstring>
#include <span>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"

namespace purvey::flow {
namespace {

constexpr unsigned kFirstBits = 16;
constexpr unsigned kMode = 0644;
constexpr uint64_t kMagic = 0x31'53'44'49'59'56'52'50;  // "PRVYIDS1", little-endian
constexpr size_t kHeader = 32;                          // magic, count, XXH3-128 of the entries
constexpr size_t kPrefetchAhead = 16;
constexpr size_t kRunsMax = 6;
constexpr size_t kLoadedMax = 4'000'000;  // ids of runs that are brought into memory at the start

/// 0 is an empty place.
EventId as_kept(const EventId& event) {
  return {event.id == 0 ? 1 : event.id, event.payload & ~EventId::kVerdictBits};
}

/// Both are sorted by id; where both know one, the newer word is taken.
void merge_over(std::span<const EventId> newer, std::span<const EventId> older,
                std::vector<EventId>& merged) {
  auto old = older.begin();
  for (const EventId& event : newer) {
    while (old != older.end() && old->id < event.id) merged.push_back(*old++);
    if (old != older.end() && old->id == event.id) ++old;
    merged.push_back(event);
  }
  merged.insert(merged.end(), old, older.end());
}

static_assert(event::kVerdicts <= EventId::kVerdictBits + 1);
static_assert(sizeof(EventId) == 16 && std::endian::native == std::endian::little);

}  // namespace

/// A sorted file of ids, mapped.
class IdTable::Run {
 public:
  static base::Result<std::unique_ptr<Run>> open(const std::string& folder, const std::string& name,
                                                 base::Disk& disk) {
    const std::string path = folder + "/" + name;
    auto file = disk.map(path);
    if (!file) return base::corrupt(file.error().message);
    if ((*file)->bytes().size() < kHeader) return base::corrupt(path + ": cut short");
    std::unique_ptr<Run> run(new Run(name, std::move(*file)));
    if (!run->is_whole()) return base::corrupt(fmt::format("{}: damaged", path));
    return run;
  }

  const std::string& name() const { return name_; }

  /// All its ids are in the table as well: there is no need to search it.
  bool in_memory = false;

  std::span<const EventId> ids() const {
    const std::string_view entries = file_->bytes().substr(kHeader);
    return {reinterpret_cast<const EventId*>(entries.data()), entries.size() / sizeof(EventId)};
  }

  /// Hashes are spread evenly, so that the place of one is guessed well from its value.
  const EventId* find(uint64_t id) const {
    const auto all = ids();
    size_t low = 0;
    size_t high = all.size();
    while (high - low > 64) {
      const uint64_t first = all[low].id;
      const uint64_t last = all[high - 1].id;
      if (id < first || id > last) return nullptr;
      const double share =
          static_cast<double>(id - first) / (static_cast<double>(last - first) + 1);
      const size_t guess = low + static_cast<size_t>(share * static_cast<double>(high - low - 1));
      if (all[guess].id == id) return &all[guess];
      (all[guess].id < id ? low : high) = all[guess].id < id ? guess + 1 : guess;
      // Halving after each guess keeps an uneven run logarithmic.
      const size_t middle = low + (high - low) / 2;
      if (low < high && all[middle].id == id) return &all[middle];
      if (low < high)
        (all[middle].id < id ? low : high) = all[middle].id < id ? middle + 1 : middle;
    }
    const auto* const end = all.data() + high;
    const auto* const found = std::lower_bound(all.data() + low, end, EventId{id, 0});
    return found != end && found->id == id ? found : nullptr;
  }

 private:
  Run(std::string name, std::unique_ptr<base::MappedFile> file)
      : name_(std::move(name)), file_(std::move(file)) {}

  bool is_whole() const {
    const std::string_view bytes = file_->bytes();
    uint64_t header[4];
    std::memcpy(header, bytes.data(), sizeof header);
    if (header[0] != kMagic || header[1] * sizeof(EventId) + kHeader != bytes.size()) return false;
    return base::hash128(bytes.substr(kHeader)) == base::Hash128{header[2], header[3]};
  }

  const std::string name_;
  const std::unique_ptr<base::MappedFile> file_;
};

IdTable::IdTable() : table_(size_t{1} << kFirstBits), shift_(64 - kFirstBits) {}
IdTable::~IdTable() = default;

Seen IdTable::insert(const EventId& given) {
  const EventId event = as_kept(given);
  const size_t mask = table_.size() - 1;
  size_t at = slot_of(event.id);
  for (; table_[at].id != 0; at = (at + 1) & mask) {
    if (table_[at].id != event.id) continue;
    return table_[at].says_the_same_as(event) ? Seen::kSame : Seen::kOther;
  }
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if ((*run)->in_memory) continue;
    if (const EventId* const old = (*run)->find(event.id)) {
      return old->says_the_same_as(event) ? Seen::kSame : Seen::kOther;
    }
  }
  table_[at] = event;
  last_ = at;
  fresh_.push_back(event.id);
  if (++in_memory_ * 3 > table_.size() * 2) {
    grow();
    last_ = place_in_memory(event.id);
  }
  return Seen::kNew;
}

void IdTable::replace(const EventId& given, event::Verdict verdict) {
  EventId event = as_kept(given);
  event.payload |= static_cast<uint64_t>(verdict);
  const size_t at = place_in_memory(event.id);
  const bool is_there = table_[at].id == event.id;
  table_[at] = event;
  fresh_.push_back(event.id);  // perhaps once more: write_fresh() sees to it
  if (!is_there && ++in_memory_ * 3 > table_.size() * 2) grow();
}

std::optional<event::Verdict> IdTable::find(uint64_t id) const {
  const EventId event = as_kept({.id = id});
  const EventId* known = &table_[place_in_memory(event.id)];
  for (auto run = runs_.rbegin(); known->id != event.id && run != runs_.rend(); ++run) {
    const EventId* const old = (*run)->find(event.id);
    if (old != nullptr) known = old;
  }
  if (known->id != event.id) return std::nullopt;
  return static_cast<event::Verdict>(known->payload & EventId::kVerdictBits);
}

/// The place of an id in the table, or the free one where it would stand.
size_t IdTable::place_in_memory(uint64_t id) const {
  const size_t mask = table_.size() - 1;
  size_t at = slot_of(id);
  while (table_[at].id != 0 && table_[at].id != id) at = (at + 1) & mask;
  return at;
}

void IdTable::remove_superseded() {
  for (const std::string& name : superseded_) remove_file(name);
  superseded_.clear();
  uncommitted_.clear();
}

void IdTable::discard() {
  for (const std::string& name : uncommitted_) remove_file(name);
  uncommitted_.clear();
}

/// What stays is removed by the next open().
void IdTable::remove_file(const std::string& name) {
  static_cast<void>(disk_->remove(folder_ + "/" + name));
}

void IdTable::prefetch(uint64_t id) const {
  __builtin_prefetch(&table_[slot_of(id)], 1);
}

uint64_t IdTable::size() const {
  uint64_t sum = fresh_.size();
  for (const auto& run : runs_) sum += run->ids().size();
  return sum;
}

void IdTable::grow() {
  std::vector<EventId> old(table_.size() * 2);
  old.swap(table_);
  --shift_;
  const size_t mask = table_.size() - 1;
  for (const EventId& event : old) {
    if (event.id == 0) continue;
    size_t at = slot_of(event.id);
    while (table_[at].id != 0) at = (at + 1) & mask;
    table_[at] = event;
  }
}

base::Result<void> IdTable::open(const std::string& folder, const std::vector<std::string>& runs,
                                 base::Disk& disk) {
  folder_ = folder;
  disk_ = &disk;
  PURVEY_TRY(base::make_folder(folder, disk));
  for (const std::string& name : runs) {
    runs_.push_back(PURVEY_TRY(Run::open(folder, name, disk)));
    uint64_t number = 0;
    std::from_chars(name.data() + 4, name.data() + name.size(), number);
    next_run_ = std::max(next_run_, number + 1);
  }
  if (size() <= kLoadedMax) {
    for (const auto& run : runs_) load(*run);
    for (const auto& run : runs_) run->in_memory = true;
  }
  for (const std::string& name : PURVEY_TRY(disk.list(folder))) {
    const bool is_known = std::find(runs.begin(), runs.end(), name) != runs.end();
    if (name.starts_with("run-") && !is_known) remove_file(name);
  }
  return {};
}

void IdTable::load(const Run& run) {
  for (const EventId& event : run.ids()) {
    table_[place_in_memory(event.id)] = event;
    if (++in_memory_ * 3 > table_.size() * 2) grow();
  }
}

base::Result<std::vector<std::string>> IdTable::save() {
  PURVEY_TRY(write_fresh());
  PURVEY_TRY(merge_runs());
  std::vector<std::string> names;
  for (const auto& run : runs_) names.push_back(run->name());
  return names;
}

base::Result<void> IdTable::spill() {
  PURVEY_TRY(write_fresh());
  for (const auto& run : runs_) run->in_memory = false;
  table_.assign(size_t{1} << kFirstBits, {});
  shift_ = 64 - kFirstBits;
  in_memory_ = 0;
  return {};
}

base::Result<void> IdTable::write_fresh() {
  if (fresh_.empty()) return {};
  std::vector<EventId> ids;
  ids.reserve(fresh_.size());
  for (size_t i = 0; i < fresh_.size(); ++i) {
    if (i + kPrefetchAhead < fresh_.size()) prefetch(fresh_[i + kPrefetchAhead]);
    ids.push_back(table_[place_in_memory(fresh_[i])]);
  }
  // By their digits: ids are hashes.
  boost::sort::spreadsort::integer_sort(
      ids.begin(), ids.end(), [](const EventId& event, unsigned bits) { return event.id >> bits; },
      [](const EventId& left, const EventId& right) { return left.id < right.id; });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  PURVEY_TRY(write_run(std::move(ids), true));
  fresh_.clear();
  return {};
}

base::Result<void> IdTable::write_run(std::vector<EventId> ids, bool in_memory) {
  PURVEY_CHECK(!folder_.empty(), "ids are saved in a folder that open() named");
  const std::string_view entries(reinterpret_cast<const char*>(ids.data()),
                                 ids.size() * sizeof(EventId));
  const auto hash = base::hash128(entries);
  const uint64_t header[4] = {kMagic, ids.size(), hash.low, hash.high};
  std::string bytes(reinterpret_cast<const char*>(header), sizeof header);
  bytes.append(entries);
  const std::string name = fmt::format("run-{:06}.ids", next_run_++);
  PURVEY_TRY(base::write_file(folder_ + "/" + name, bytes, kMode, *disk_));
  uncommitted_.push_back(name);
  runs_.push_back(PURVEY_TRY(Run::open(folder_, name, *disk_)));
  runs_.back()->in_memory = in_memory;
  return {};
}

/// Merges the newest runs while they are not much smaller than their elder, or there are too many.
base::Result<void> IdTable::merge_runs() {
  while (runs_.size() > 1) {
    const auto newer = runs_.back()->ids();
    const auto older = runs_[runs_.size() - 2]->ids();
    if (runs_.size() <= kRunsMax && newer.size() * 2 < older.size()) break;
    std::vector<EventId> merged;
    merged.reserve(newer.size() + older.size());
    merge_over(newer, older, merged);
    bool in_memory = true;
    // The two files stay for now: a commit that is cut off still names them.
    for (size_t i = runs_.size() - 2; i < runs_.size(); ++i) {
      superseded_.push_back(runs_[i]->name());
      in_memory &= runs_[i]->in_memory;
    }
    runs_.resize(runs_.size() - 2);
    PURVEY_TRY(write_run(std::move(merged), in_memory));
  }
  return {};
}

}  // namespace purvey::flow
