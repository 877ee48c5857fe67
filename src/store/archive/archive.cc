#include "store/archive/archive.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/crash_point.h"
#include "base/file_hash.h"
#include "store/archive/internal/part_files.h"

namespace purvey::store::archive {
namespace {

namespace fs = std::filesystem;
using base::EventTime;
using base::Result;
using internal::hidden_path;
using internal::time_order;

std::chrono::year_month month_of(EventTime time) {
  const std::chrono::year_month_day day{
      std::chrono::sys_days{std::chrono::days{base::utc_day(time)}}};
  return day.year() / day.month();
}

EventTime start_of(std::chrono::year_month month) {
  const std::chrono::sys_days day = month / std::chrono::day{1};
  return {std::chrono::duration_cast<base::Micros>(day.time_since_epoch()).count()};
}

int months_since_year_zero(std::chrono::year_month month) {
  return static_cast<int>(month.year()) * 12 + static_cast<int>(unsigned{month.month()}) - 1;
}

/// What the manifest says of the rows, but for the file itself.
Part describe(const RowBuffer& rows, EventTime month_start) {
  constexpr size_t kSeqColumn = 0;
  const auto seqs =
      std::minmax_element(rows.cells(kSeqColumn).begin(), rows.cells(kSeqColumn).end());
  const auto times =
      std::minmax_element(rows.partition_times().begin(), rows.partition_times().end());
  Part part;
  part.table = rows.table();
  part.month = base::format_utc_month(month_start);
  part.rows = rows.rows();
  part.seq_from = *seqs.first;
  part.seq_to = *seqs.second;
  part.time_from = *times.first;
  part.time_to = *times.second;
  return part;
}

constexpr uint64_t kWholeFile = std::numeric_limits<uint64_t>::max();

/// The path of each file below a folder.
Result<void> add_files_below(const std::string& folder, base::Disk& disk,
                             std::vector<std::string>& files) {
  for (const std::string& name : PURVEY_TRY(disk.list(folder))) {
    const std::string path = folder + "/" + name;
    const auto status = PURVEY_TRY(disk.status(path));
    if (!status) continue;
    if (!status->is_folder) {
      files.push_back(path);
    } else {
      PURVEY_TRY(add_files_below(path, disk, files));
    }
  }
  return {};
}

/// Hidden parts below the archive folder.
Result<std::vector<std::string>> hidden_parts(const std::string& folder, base::Disk& disk) {
  std::vector<std::string> files;
  PURVEY_TRY(add_files_below(folder, disk, files));
  std::erase_if(files, [](const std::string& path) {
    return !fs::path(path).filename().string().starts_with(".part-");
  });
  return files;
}

/// Gives a part that stands under its hidden name only its own. True if it did.
Result<bool> place_if_hidden(const std::string& folder, const Part& part, base::Disk& disk) {
  const std::string own = folder + "/" + part.path();
  const std::string hidden = hidden_path(folder, part);
  // What cannot be found is told with the sizes.
  const auto exists = [&](const std::string& path) {
    const auto status = disk.status(path);
    return status && status->has_value();
  };
  if (exists(own) || !exists(hidden)) return false;
  base::crash_point("between_recovery_renames");
  const auto placed = disk.rename(hidden, own);
  if (placed) return true;
  const bool is_gone = placed.error().code == base::ErrorCode::kNotFound;
  if (is_gone && exists(own)) return true;  // another process was quicker
  return base::unavailable(fmt::format(
      "{}; a run that broke off left this to be finished: copy the data folder to a place that can "
      "be written and ask there",
      placed.error().message));
}

Result<void> check_size(const std::string& folder, const Part& part, base::Disk& disk) {
  const std::string path = folder + "/" + part.path();
  const auto status = PURVEY_TRY(disk.status(path));
  if (status && status->bytes == part.bytes) return {};
  return base::corrupt(fmt::format(
      "{}: {}; bring the file back from a backup, or delete the data folder and replay its inputs",
      path,
      status ? fmt::format("has {} bytes where the manifest says {}", status->bytes, part.bytes)
             : std::string("is in the manifest but cannot be found")));
}

}  // namespace

Archive::Archive(std::string folder, PartWriter& writer, size_t rows_buffered_max, base::Disk& disk)
    : folder_(std::move(folder)),
      writer_(writer),
      disk_(disk),
      rows_buffered_max_(rows_buffered_max) {}

Result<void> Archive::recover(std::span<const Part> committed,
                              std::span<const std::string> replaced) {
  for (const Part& part : committed) paths_.insert(part.path());
  paths_.insert(replaced.begin(), replaced.end());
  PURVEY_TRY(finish_placing(folder_, committed, disk_));
  for (const std::string& path : PURVEY_TRY(hidden_parts(folder_, disk_))) {
    PURVEY_TRY(disk_.remove(path));
  }
  return {};
}

Result<void> Archive::append(const RowBuffer& rows) {
  const auto times = rows.partition_times();
  size_t begin = 0;
  while (begin < times.size()) {
    MonthRows& month = month_rows(rows.table(), times[begin]);
    const size_t most = std::min(times.size(), begin + kPartRows - month.rows.rows());
    size_t end = begin + 1;
    while (end < most && times[end] >= month.from && times[end] < month.to) ++end;
    const size_t bytes = month.rows.bytes();
    month.rows.append(rows, begin, end);
    rows_buffered_ += end - begin;
    bytes_buffered_ += month.rows.bytes() - bytes;
    begin = end;
    if (month.rows.rows() < kPartRows && month.rows.bytes() < kPartBytes) continue;
    PURVEY_TRY(write_part(month));
    forget_buffered(month.rows);
    month.rows.clear();
  }
  const bool is_full = rows_buffered_ > rows_buffered_max_ || bytes_buffered_ > kBytesBufferedMax;
  return is_full ? write_largest() : Result<void>{};
}

void Archive::forget_buffered(const RowBuffer& rows) {
  rows_buffered_ -= rows.rows();
  bytes_buffered_ -= rows.bytes();
}

Archive::MonthRows& Archive::month_rows(TableId table, EventTime time) {
  const auto month = month_of(time);
  const MonthKey key{table, months_since_year_zero(month)};
  const auto found = months_.find(key);
  if (found != months_.end()) return found->second;
  MonthRows fresh{RowBuffer(table), start_of(month), start_of(month + std::chrono::months{1})};
  return months_.emplace(key, std::move(fresh)).first->second;
}

Result<void> Archive::write_largest() {
  // Half at once: a buffer that is written whole leaves few parts behind.
  std::vector<std::pair<size_t, MonthKey>> by_size;
  by_size.reserve(months_.size());
  for (const auto& [key, month] : months_) by_size.emplace_back(month.rows.bytes(), key);
  std::sort(by_size.rbegin(), by_size.rend());
  for (const auto& [bytes, key] : by_size) {
    if (rows_buffered_ <= rows_buffered_max_ / 2 && bytes_buffered_ <= kBytesBufferedMax / 2) break;
    const RowBuffer& rows = months_.at(key).rows;
    PURVEY_TRY(write_part(months_.at(key)));
    forget_buffered(rows);
    months_.erase(key);
  }
  return {};
}

Result<void> Archive::write_part(const MonthRows& month) {
  if (month.rows.rows() == 0) return {};
  Part part = describe(month.rows, month.from);
  part.name = PURVEY_TRY(free_name(part));
  const std::string path = hidden_path(folder_, part);
  PURVEY_TRY(disk_.make_folders(fs::path(path).parent_path().string()));
  PURVEY_TRY(disk_.remove(path));
  auto done = writer_.write(month.rows, time_order(month.rows.partition_times()), path);
  if (!done) {
    static_cast<void>(disk_.remove(path));  // the first error is the one to tell
    return done;
  }
  const auto file = PURVEY_TRY(base::hash_file(path, kWholeFile, disk_));
  part.bytes = file.bytes;
  part.hash = file.hash;
  paths_.insert(part.path());
  written_.push_back(std::move(part));
  base::crash_point("after_part");
  return {};
}

Result<std::string> Archive::take_name(std::span<const Part> parts) {
  Part whole = parts.front();
  for (const Part& part : parts) {
    whole.seq_from = std::min(whole.seq_from, part.seq_from);
    whole.seq_to = std::max(whole.seq_to, part.seq_to);
  }
  whole.name = PURVEY_TRY(free_name(whole));
  taken_ = whole.path();
  return whole.name;
}

void Archive::forget(std::span<const std::string> paths) {
  for (const std::string& path : paths) paths_.erase(path);
}

Result<std::string> Archive::free_name(const Part& part) const {
  // Rows of one seq may lie in several parts, so two can have the same range.
  constexpr int kMost = 10'000;
  Part named = part;
  for (int copy = 1; copy <= kMost; ++copy) {
    const std::string suffix = copy == 1 ? "" : fmt::format("-{}", copy);
    named.name = fmt::format("part-{}-{}{}.parquet", part.seq_from, part.seq_to, suffix);
    const std::string path = named.path();
    if (path != taken_ && !paths_.contains(path)) return named.name;
  }
  return base::exhausted(fmt::format("{}: {} parts of the same seq", named.path(), kMost));
}

Result<void> Archive::flush() {
  for (const auto& entry : months_) PURVEY_TRY(write_part(entry.second));
  months_.clear();
  rows_buffered_ = bytes_buffered_ = 0;
  std::vector<std::string> paths = internal::folders_of(folder_, written_);
  for (const Part& part : written_) paths.push_back(hidden_path(folder_, part));
  return disk_.sync_all(paths);
}

Result<void> Archive::place(std::span<const Part> parts) {
  for (const Part& part : parts) paths_.insert(part.path());
  return internal::place_parts(folder_, parts, disk_);
}

Result<void> Archive::place() {
  PURVEY_TRY(place(written_));
  written_.clear();
  return {};
}

void Archive::discard() {
  for (const Part& part : written_) {
    static_cast<void>(disk_.remove(hidden_path(folder_, part)));  // recover() does it else
  }
  written_.clear();
}

Result<void> finish_placing(const std::string& folder, std::span<const Part> committed,
                            base::Disk& disk) {
  std::set<std::string> folders;
  for (const Part& part : committed) {
    if (!PURVEY_TRY(place_if_hidden(folder, part, disk))) continue;
    folders.insert(fs::path(folder + "/" + part.path()).parent_path().string());
  }
  PURVEY_TRY(disk.sync_all(std::vector<std::string>(folders.begin(), folders.end())));
  for (const Part& part : committed) PURVEY_TRY(check_size(folder, part, disk));
  return {};
}

Result<void> verify_part(const std::string& folder, const Part& part, base::Disk& disk) {
  PURVEY_TRY(check_size(folder, part, disk));
  const std::string path = folder + "/" + part.path();
  const auto file = PURVEY_TRY(base::hash_file(path, kWholeFile, disk));
  if (file.hash == part.hash) return {};
  return base::corrupt(
      fmt::format("{}: its bytes are not those that were written (XXH3-128 {} "
                  "where the manifest says {})",
                  path, file.hash.hex(), part.hash.hex()));
}

}  // namespace purvey::store::archive
