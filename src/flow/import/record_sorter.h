#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace purvey::flow {

/// What records are sorted by; equal keys are ordered by the records' bytes, so that the order is
/// total.
struct SortKey {
  uint64_t major = 0;
  uint64_t minor = 0;

  friend auto operator<=>(const SortKey&, const SortKey&) = default;
};

/// Sorts more records than memory holds: fill with add(), then finish(), then take them with
/// next().
///
/// 1. Records gather in one of two blocks of memory. 2. A full block is sorted and written, by a
/// thread behind, as a run of a nameless temporary file (it vanishes with the process, however that
/// ends), while the other fills. 3. The runs are merged while they are read; if there are more than
/// the budget has buffers for, groups of them are merged into longer runs first. The order is the
/// same whatever the budget. (External merge sort, Knuth, The Art of Computer Programming 3, 5.4; a
/// partitioned hash join was not taken because one frequent key defeats it.) To be used by one
/// thread.
class RecordSorter {
 public:
  /// The least budget that makes sense.
  static constexpr size_t kMemoryMin = 1U << 16;
  static constexpr size_t kRecordMax = 1U << 26;

  /// Temporary files lie in `folder`; `memory` bytes at most are used.
  RecordSorter(std::string folder, size_t memory);
  ~RecordSorter();
  RecordSorter(const RecordSorter&) = delete;
  RecordSorter& operator=(const RecordSorter&) = delete;

  /// Errors: kUnavailable if the temporary file cannot be written.
  base::Result<void> add(SortKey key, std::string_view record);
  /// No more records come. Errors as add().
  base::Result<void> finish();
  /// The next record in order; false at the end. The view is valid until the next call.
  base::Result<bool> next(SortKey& key, std::string_view& record);

  uint64_t count() const { return count_; }
  /// Bytes of all records.
  uint64_t bytes() const { return bytes_; }
  /// After finish().
  uint64_t spilled_bytes() const { return file_bytes_; }

 private:
  struct Entry {
    SortKey key;
    uint32_t offset;
    uint32_t size;
  };
  /// A sorted stretch of the file.
  struct Run {
    uint64_t begin;
    uint64_t end;
  };
  class RunReader;
  class RunWriter;

  /// Records in memory: their bytes, and where each lies.
  struct Block {
    std::unique_ptr<char[]> arena;
    size_t used = 0;
    std::vector<Entry> entries;

    std::string_view bytes_of(const Entry& entry) const {
      return {arena.get() + entry.offset, entry.size};
    }
    void clear() {
      used = 0;
      entries.clear();
    }
  };

  bool has_room(size_t size) const;
  void allocate(Block& block) const;
  void sort(Block& block);
  base::Result<void> add_alone(SortKey key, std::string_view record);
  base::Result<void> spill_behind();
  base::Result<void> wait();
  base::Result<void> spill(Block& block);
  base::Result<void> open_file();
  base::Result<void> open_readers(size_t first, size_t count);
  base::Result<Run> merge_runs();
  base::Result<bool> next_merged(SortKey& key, std::string_view& record);
  bool before(size_t left, size_t right) const;
  void sift_down(size_t at);

  const std::string folder_;
  const size_t memory_;
  const size_t arena_size_;
  const size_t entries_max_;
  std::array<Block, 2> blocks_;
  size_t filling_ = 0;  ///< place of the block that add() fills
  size_t at_ = 0;       ///< of the entries in memory, while they are taken
  uint64_t count_ = 0;
  uint64_t bytes_ = 0;
  // Owned by the thread behind from spill_behind() to wait().
  int file_ = -1;
  uint64_t file_bytes_ = 0;
  std::vector<Run> runs_;
  std::vector<Entry> spare_;  ///< for sorting
  std::future<base::Result<void>> behind_;
  std::vector<std::unique_ptr<RunReader>> readers_;
  std::vector<size_t> heap_;  ///< places in readers_, the one with the least record in front
  bool advance_first_ = false;
};

}  // namespace purvey::flow
