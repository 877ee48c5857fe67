#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "event/verdict.h"

namespace purvey::flow {

/// An event's identity and what it said, as hashes.
struct EventId {
  static constexpr uint64_t kVerdictBits = 7;

  uint64_t id = 0;       ///< of source and id
  uint64_t payload = 0;  ///< of the decoded known fields; in the last three bits what became of it

  bool says_the_same_as(const EventId& other) const {
    return (payload | kVerdictBits) == (other.payload | kVerdictBits);
  }

  friend auto operator<=>(const EventId&, const EventId&) = default;
};

enum class Seen : uint8_t { kNew, kSame, kOther };

/// Every event id that was ever taken: in sorted files, and the newer ones in memory too.
///
/// 1. Memory: one open-addressing table of 16-byte entries, linear probing, at most 2/3 full;
///    identity is source and id alone, so one table and not one per time (a resend may carry
///    another time). 16 M ids take 512 MiB.
/// 2. At save() the ids since the last one become a sorted run: a file mapped into memory and
///    searched by interpolation. Runs of similar size are merged.
/// 3. Only runs that hold ids which are no longer in memory are searched: when 16 M are, the table
///    begins anew. At open() runs of up to 4 M ids in all are brought into memory.
///
/// Writing a run takes 32 bytes for each of its ids for the while, also one that is merged: 100 M
/// ids ever taken are 3.2 GB at a save() that merges all of them.
///
/// Two ids of one hash are taken for one: about 3 in a million for ten million events. One thread.
class IdTable {
 public:
  static constexpr size_t kInMemoryMax = 16'000'000;

  IdTable();
  ~IdTable();
  IdTable(const IdTable&) = delete;
  IdTable& operator=(const IdTable&) = delete;

  /// Remembers an id if it is new, as accepted; kSame or kOther tell of its payload if it is not.
  Seen insert(const EventId& event);

  /// What became of the event whose insert() was the last call and said kNew.
  void set_verdict(event::Verdict verdict) {
    table_[last_].payload |= static_cast<uint64_t>(verdict);
  }

  /// Remembers, in the place of what was known of an id that insert() has seen, what came of it
  /// later. The newest word on an id holds.
  void replace(const EventId& event, event::Verdict verdict);

  /// What became of an event, if its id was taken.
  std::optional<event::Verdict> find(uint64_t id) const;

  /// Fetches the place of an id into the cache; call it about 16 ids ahead of insert().
  void prefetch(uint64_t id) const;

  uint64_t size() const;

  /// Opens the runs named by an earlier save() in `folder` (made if it is not there) and removes
  /// files that no run is. Later runs go there too. Errors: kCorrupt naming the file.
  base::Result<void> open(const std::string& folder, const std::vector<std::string>& runs,
                          base::Disk& disk = base::Disk::system());

  /// Turns what is new since the last save into a run and gives the names of all runs, durable.
  /// Superseded files stay until the next open() or remove_superseded(), so that an interrupted
  /// commit finds its own. Errors: kUnavailable.
  base::Result<std::vector<std::string>> save();

  /// Removes the files that the last save() put others in the place of. Call it once its names are
  /// committed.
  void remove_superseded();

  /// Removes the files written since open() or the last remove_superseded(): nobody will commit
  /// them. The table is of no more use.
  void discard();

  /// Whether insert() wants room: the caller then calls spill(), which needs open() before.
  bool is_full() const { return in_memory_ >= kInMemoryMax; }
  base::Result<void> spill();

 private:
  class Run;

  void grow();
  void load(const Run& run);
  base::Result<void> write_fresh();
  size_t place_in_memory(uint64_t id) const;
  size_t slot_of(uint64_t id) const {
    return static_cast<size_t>(id * 0x9E3779B97F4A7C15ULL >> shift_);
  }
  base::Result<void> write_run(std::vector<EventId> ids, bool in_memory);
  base::Result<void> merge_runs();
  void remove_file(const std::string& name);

  std::vector<EventId> table_;
  unsigned shift_;
  size_t in_memory_ = 0;
  size_t last_ = 0;              ///< place of the last new id
  std::vector<uint64_t> fresh_;  ///< ids in memory that no run holds
  std::string folder_;
  base::Disk* disk_ = nullptr;  ///< since open()
  std::vector<std::unique_ptr<Run>> runs_;
  uint64_t next_run_ = 1;
  std::vector<std::string> superseded_;
  std::vector<std::string> uncommitted_;  ///< runs written since open() or remove_superseded()
};

}  // namespace purvey::flow
