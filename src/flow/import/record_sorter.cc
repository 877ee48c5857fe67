#include "flow/import/record_sorter.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/check.h"

namespace purvey::flow {
namespace {

constexpr size_t kBufferMin = 1U << 16;  // of a run that is read or written
constexpr size_t kBufferMax = 1U << 20;
/// Of nine parts of the memory four are for each block and one to sort in; a block gives three
/// quarters to the bytes and one to the entries.
constexpr size_t kMemoryParts = 9;
constexpr size_t kBlockParts = 4;
constexpr size_t kEntryShare = 4;

size_t block_size(size_t memory) {
  return std::clamp<size_t>(memory, RecordSorter::kMemoryMin, UINT32_MAX) / kMemoryParts *
         kBlockParts;
}

struct Head {
  SortKey key;
  uint64_t size;
};

base::Error file_error(const std::string& folder, std::string_view what) {
  return base::unavailable(
      fmt::format("{}: a temporary file cannot be {}: {}", folder, what, std::strerror(errno)));
}

/// Reads or writes all of it, at a place of the file.
template <class Call, class Bytes>
bool whole(Call call, int file, Bytes* bytes, size_t size, uint64_t at) {
  while (size > 0) {
    const ssize_t done = call(file, bytes, size, static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes += done;
    at += static_cast<uint64_t>(done);
    size -= static_cast<size_t>(done);
  }
  return true;
}

}  // namespace

class RecordSorter::RunWriter {
 public:
  RunWriter(int file, uint64_t at) : file_(file), at_(at) { buffer_.reserve(kBufferMax); }

  bool write(SortKey key, std::string_view record) {
    const Head head{key, record.size()};
    if (buffer_.size() + sizeof head + record.size() > kBufferMax && !flush()) return false;
    buffer_.append(reinterpret_cast<const char*>(&head), sizeof head);
    buffer_.append(record);
    return true;
  }
  bool flush() {
    if (!whole(pwrite, file_, buffer_.data(), buffer_.size(), at_)) return false;
    at_ += buffer_.size();
    buffer_.clear();
    return true;
  }
  uint64_t at() const { return at_; }

 private:
  const int file_;
  uint64_t at_;
  std::string buffer_;
};

class RecordSorter::RunReader {
 public:
  RunReader(int file, Run run, size_t buffer) : file_(file), run_(run), buffer_(buffer) {}

  /// Moves to the next record; false at the end or after a failure, which failed() tells apart.
  bool advance() {
    at_ += taken_;
    taken_ = 0;
    Head head;
    if (!have(sizeof head)) return false;
    std::memcpy(&head, buffer_.data() + at_, sizeof head);
    if (!have(sizeof head + head.size)) return false;
    key_ = head.key;
    record_ = {buffer_.data() + at_ + sizeof head, head.size};
    taken_ = sizeof head + head.size;
    return true;
  }
  SortKey key() const { return key_; }
  std::string_view record() const { return record_; }
  bool failed() const { return failed_; }

 private:
  bool have(size_t size) {
    if (end_ - at_ >= size) return true;
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = 0;
    if (buffer_.size() < size) buffer_.resize(size);
    const size_t more = std::min<uint64_t>(buffer_.size() - end_, run_.end - run_.begin);
    if (more > 0 && !whole(pread, file_, buffer_.data() + end_, more, run_.begin)) {
      failed_ = true;
      return false;
    }
    run_.begin += more;
    end_ += more;
    return end_ >= size;
  }

  const int file_;
  Run run_;
  std::vector<char> buffer_;
  size_t at_ = 0;
  size_t end_ = 0;
  size_t taken_ = 0;
  SortKey key_;
  std::string_view record_;
  bool failed_ = false;
};

RecordSorter::RecordSorter(std::string folder, size_t memory)
    : folder_(std::move(folder)),
      memory_(std::max(memory, kMemoryMin)),
      arena_size_(block_size(memory) / kEntryShare * (kEntryShare - 1)),
      entries_max_(block_size(memory) / kEntryShare / sizeof(Entry)) {}

RecordSorter::~RecordSorter() {
  if (behind_.valid()) behind_.wait();
  if (file_ >= 0) close(file_);
}

void RecordSorter::allocate(Block& block) const {
  // Not set to zero: pages that are never filled cost nothing.
  block.arena = std::unique_ptr<char[]>(new char[arena_size_]);
  block.entries.reserve(entries_max_);
}

bool RecordSorter::has_room(size_t size) const {
  const Block& block = blocks_[filling_];
  return block.entries.size() < entries_max_ && arena_size_ - block.used >= size;
}

base::Result<void> RecordSorter::add(SortKey key, std::string_view record) {
  PURVEY_CHECK(record.size() <= kRecordMax, "a record beyond the limit of its maker");
  ++count_;
  bytes_ += record.size();
  if (record.size() > arena_size_) return add_alone(key, record);
  if (!has_room(record.size())) PURVEY_TRY(spill_behind());
  Block& block = blocks_[filling_];
  if (block.arena == nullptr) allocate(block);
  record.copy(block.arena.get() + block.used, record.size());
  block.entries.push_back(
      {key, static_cast<uint32_t>(block.used), static_cast<uint32_t>(record.size())});
  block.used += record.size();
  return {};
}

/// A record larger than a block: a run of its own.
base::Result<void> RecordSorter::add_alone(SortKey key, std::string_view record) {
  PURVEY_TRY(wait());
  PURVEY_TRY(open_file());
  RunWriter writer(file_, file_bytes_);
  if (!writer.write(key, record) || !writer.flush()) return file_error(folder_, "written");
  runs_.push_back({file_bytes_, writer.at()});
  file_bytes_ = writer.at();
  return {};
}

base::Result<void> RecordSorter::wait() {
  if (!behind_.valid()) return {};
  return behind_.get();
}

base::Result<void> RecordSorter::spill_behind() {
  PURVEY_TRY(wait());
  Block& full = blocks_[filling_];
  filling_ = 1 - filling_;
  try {
    behind_ = std::async(std::launch::async, [this, &full] { return spill(full); });
  } catch (const std::system_error&) {  // no thread to be had
    return spill(full);
  }
  return {};
}

/// Deals the entries into buckets by their leading bits, then sorts each: half the time of sorting
/// them at once.
void RecordSorter::sort(Block& block) {
  auto& entries = block.entries;
  const auto before = [&block](const Entry& left, const Entry& right) {
    if (left.key != right.key) return left.key < right.key;
    return block.bytes_of(left) < block.bytes_of(right);
  };
  constexpr size_t kBuckets = 4096;
  const auto [least, most] =
      std::ranges::minmax_element(entries, {}, [](const Entry& entry) { return entry.key.major; });
  if (entries.size() < kBuckets || least->key.major == most->key.major) {
    std::ranges::sort(entries, before);
    return;
  }
  const uint64_t base = least->key.major;
  const auto bits = std::bit_width(most->key.major - base);
  constexpr auto kBucketBits = std::bit_width(kBuckets - 1);
  const auto shift = bits > kBucketBits ? bits - kBucketBits : 0;
  const auto bucket = [&](const Entry& entry) { return (entry.key.major - base) >> shift; };
  std::array<uint32_t, kBuckets + 1> begins{};
  for (const Entry& entry : entries) ++begins[bucket(entry) + 1];
  for (size_t i = 0; i < kBuckets; ++i) begins[i + 1] += begins[i];
  spare_.resize(entries.size());
  auto next = begins;
  for (const Entry& entry : entries) spare_[next[bucket(entry)]++] = entry;
  for (size_t i = 0; i < kBuckets; ++i) {
    std::sort(spare_.begin() + begins[i], spare_.begin() + begins[i + 1], before);
  }
  entries.swap(spare_);
}

base::Result<void> RecordSorter::open_file() {
  if (file_ >= 0) return {};
  file_ = open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ >= 0) return {};
  std::string name = folder_ + "/.purvey-import-XXXXXX";  // a file system without nameless files
  file_ = mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) return file_error(folder_, "made");
  unlink(name.c_str());
  return {};
}

base::Result<void> RecordSorter::spill(Block& block) {
  PURVEY_TRY(open_file());
  sort(block);
  RunWriter writer(file_, file_bytes_);
  for (const Entry& entry : block.entries) {
    if (!writer.write(entry.key, block.bytes_of(entry))) return file_error(folder_, "written");
  }
  if (!writer.flush()) return file_error(folder_, "written");
  runs_.push_back({file_bytes_, writer.at()});
  file_bytes_ = writer.at();
  block.clear();
  return {};
}

base::Result<void> RecordSorter::finish() {
  PURVEY_TRY(wait());
  Block& last = blocks_[filling_];
  if (runs_.empty()) {
    if (!last.entries.empty()) sort(last);
    return {};
  }
  if (!last.entries.empty()) PURVEY_TRY(spill(last));
  blocks_ = {};
  spare_ = {};
  const size_t fan_in = std::max<size_t>(memory_ / kBufferMin, 4);
  while (runs_.size() > fan_in) {
    PURVEY_TRY(open_readers(0, fan_in));
    const Run merged = PURVEY_TRY(merge_runs());
    runs_.erase(runs_.begin(), runs_.begin() + static_cast<ptrdiff_t>(fan_in));
    runs_.push_back(merged);
  }
  return open_readers(0, runs_.size());
}

base::Result<void> RecordSorter::open_readers(size_t first, size_t count) {
  readers_.clear();
  heap_.clear();
  advance_first_ = false;
  const size_t buffer = std::clamp(memory_ / count, kBufferMin, kBufferMax);
  for (size_t i = first; i < first + count; ++i) {
    readers_.push_back(std::make_unique<RunReader>(file_, runs_[i], buffer));
    if (!readers_.back()->advance()) return file_error(folder_, "read");
    heap_.push_back(readers_.size() - 1);
  }
  for (size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
  return {};
}

base::Result<RecordSorter::Run> RecordSorter::merge_runs() {
  RunWriter writer(file_, file_bytes_);
  SortKey key;
  std::string_view record;
  while (PURVEY_TRY(next_merged(key, record))) {
    if (!writer.write(key, record)) return file_error(folder_, "written");
  }
  if (!writer.flush()) return file_error(folder_, "written");
  const Run merged{file_bytes_, writer.at()};
  file_bytes_ = writer.at();
  return merged;
}

base::Result<bool> RecordSorter::next(SortKey& key, std::string_view& record) {
  if (!runs_.empty()) return next_merged(key, record);
  const Block& block = blocks_[filling_];
  if (at_ == block.entries.size()) return false;
  const Entry& entry = block.entries[at_++];
  key = entry.key;
  record = block.bytes_of(entry);
  return true;
}

base::Result<bool> RecordSorter::next_merged(SortKey& key, std::string_view& record) {
  if (advance_first_) {
    RunReader& first = *readers_[heap_.front()];
    if (!first.advance()) {
      if (first.failed()) return file_error(folder_, "read");
      heap_.front() = heap_.back();
      heap_.pop_back();
    }
    sift_down(0);
  }
  advance_first_ = !heap_.empty();
  if (heap_.empty()) return false;
  key = readers_[heap_.front()]->key();
  record = readers_[heap_.front()]->record();
  return true;
}

bool RecordSorter::before(size_t left, size_t right) const {
  const RunReader& a = *readers_[left];
  const RunReader& b = *readers_[right];
  if (a.key() != b.key()) return a.key() < b.key();
  return a.record() < b.record();
}

void RecordSorter::sift_down(size_t at) {
  for (;;) {
    size_t least = at;
    for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap_.size(); ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (least == at) return;
    std::swap(heap_[at], heap_[least]);
    at = least;
  }
}

}  // namespace purvey::flow
