#include "store/archive/rewriter.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/check.h"
#include "base/file_hash.h"
#include "store/archive/archive.h"
#include "store/archive/internal/part_files.h"

namespace purvey::store::archive {
namespace {

using base::Result;

constexpr size_t kBytesMax = size_t{512} << 20;
constexpr int64_t kMinute = 60;

/// What is known of the new part before its rows are read: bounds that hold for them.
Part bounds_of(const Rewrite& rewrite) {
  Part part = rewrite.from.front();
  part.name = rewrite.name;
  for (const Part& from : rewrite.from) {
    part.seq_from = std::min(part.seq_from, from.seq_from);
    part.seq_to = std::max(part.seq_to, from.seq_to);
    part.time_from = std::min(part.time_from, from.time_from);
    part.time_to = std::max(part.time_to, from.time_to);
    part.stored_from = std::min(part.stored_from, from.stored_from);
    part.stored_to = std::max(part.stored_to, from.stored_to);
    part.is_thinned = part.is_thinned && from.is_thinned;
  }
  part.is_thinned = part.is_thinned || rewrite.drops_minutes;
  return part;
}

size_t window_column() {
  const auto columns = table_spec(TableId::kKpi).columns;
  const auto found = std::find_if(columns.begin(), columns.end(), [](const ColumnSpec& column) {
    return column.name == "window_seconds";
  });
  PURVEY_CHECK(found != columns.end(), "kpi has window_seconds");
  return static_cast<size_t>(found - columns.begin());
}

/// Appends the rows that stay.
void append_without_minutes(const RowBuffer& from, RowBuffer& to) {
  const auto seconds = from.cells(window_column());
  for (size_t begin = 0; begin < seconds.size();) {
    if (seconds[begin] == kMinute) {
      ++begin;
      continue;
    }
    size_t end = begin + 1;
    while (end < seconds.size() && seconds[end] != kMinute) ++end;
    to.append(from, begin, end);
    begin = end;
  }
}

}  // namespace

Result<Rewritten> Rewriter::run(const Rewrite& rewrite) {
  PURVEY_CHECK(!rewrite.from.empty(), "a rewrite of nothing");
  const RowBuffer rows = PURVEY_TRY(read(rewrite));
  uint64_t before = 0;
  for (const Part& from : rewrite.from) before += from.rows;
  Rewritten done{.rows_dropped = before - rows.rows()};
  if (rows.rows() == 0) return done;
  Part part = bounds_of(rewrite);
  part.rows = rows.rows();
  PURVEY_TRY(write(rows, part));
  done.part = std::move(part);
  return done;
}

void Rewriter::discard(const Part& part) {
  // What stays is cleared away at the next start.
  static_cast<void>(disk_.remove(internal::hidden_path(folder_, part)));
}

Result<RowBuffer> Rewriter::read(const Rewrite& rewrite) {
  const TableId table = rewrite.from.front().table;
  RowBuffer rows(table);
  for (size_t i = 0; i < rewrite.from.size(); ++i) {
    reading_ = i;
    const Part& from = rewrite.from[i];
    // A changed byte would get a hash that is right.
    PURVEY_TRY(verify_part(folder_, from, disk_));
    const std::string path = folder_ + "/" + from.path();
    RowBuffer apart(table);
    RowBuffer& into = rewrite.drops_minutes ? apart : rows;
    const size_t before = into.rows();
    PURVEY_TRY(reader_->read(from, path, kBytesMax, into));
    if (into.rows() - before != from.rows) {
      return base::corrupt(fmt::format("{}: {} rows were read where the manifest says {}", path,
                                       into.rows() - before, from.rows));
    }
    if (rewrite.drops_minutes) append_without_minutes(apart, rows);
  }
  reading_.reset();
  return rows;
}

Result<void> Rewriter::write(const RowBuffer& rows, Part& part) {
  const std::string path = internal::hidden_path(folder_, part);
  const auto remove = [&] { static_cast<void>(disk_.remove(path)); };
  PURVEY_TRY(disk_.remove(path));
  auto done = writer_->write(rows, internal::time_order(rows.partition_times()), path);
  if (done) {
    // The folder, too: the name has to be there when the ledger speaks of it.
    const std::string paths[] = {path, std::filesystem::path(path).parent_path().string()};
    done = disk_.sync_all(paths);
  }
  if (!done) {
    remove();  // the first error is the one to tell
    return done;
  }
  const auto file = base::hash_file(path, std::numeric_limits<uint64_t>::max(), disk_);
  if (!file) {
    remove();
    return file.error();
  }
  part.bytes = file->bytes;
  part.hash = file->hash;
  return {};
}

}  // namespace purvey::store::archive
