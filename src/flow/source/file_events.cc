#include "flow/source/file_events.h"

#include <algorithm>

namespace purvey::flow {

struct FileEvents::File {
  std::unique_ptr<event::LineReader> lines;
  std::shared_ptr<event::EventBatch> batch = nullptr;
  base::EventTime future_limit = {};
  std::vector<uint32_t> left_out = {};  ///< sources
  SourceCounts events = {};
  size_t at = 0;
  bool drained = false;

  bool is_empty() const { return batch == nullptr || at == batch->rows.size(); }

  /// When the next row counts; what moves nothing counts at once.
  base::EventTime head() const {
    const auto& row = batch->rows[at];
    return row.refused || row.time > future_limit ? base::kNever : row.time;
  }

  bool is_left_out(uint32_t source) const {
    return std::find(left_out.begin(), left_out.end(), source) != left_out.end();
  }

  /// Takes out what is left out, and counts the others.
  void note_sources() {
    auto& rows = batch->rows;
    if (!left_out.empty()) {
      std::erase_if(rows, [this](const auto& row) { return is_left_out(row.source); });
    }
    for (size_t i = 0; i < rows.size();) {  // most often all are of one source
      const size_t begin = i;
      while (i < rows.size() && rows[i].source == rows[begin].source) ++i;
      events[rows[begin].source] += i - begin;
    }
  }
};

FileEvents::FileEvents(std::vector<std::unique_ptr<event::LineReader>> files,
                       event::JsonDecoder& decoder, base::EventTime future_limit)
    : decoder_(decoder) {
  for (auto& lines : files) {
    files_.push_back({.lines = std::move(lines), .future_limit = future_limit});
  }
}

FileEvents::~FileEvents() = default;

void FileEvents::leave_out(size_t file, uint32_t source) {
  files_[file].left_out.push_back(source);
}

base::Result<void> FileEvents::fill(File& file) {
  while (file.is_empty() && !file.drained) PURVEY_TRY(read_batch(file));
  return {};
}

base::Result<void> FileEvents::read_batch(File& file) {
  // Slices of the last batch may still be on their way: each fill makes a new one.
  auto batch = std::make_shared<event::EventBatch>();
  if (file.batch) batch->reserve_like(*file.batch);
  file.batch = std::move(batch);
  file.at = 0;
  size_t bytes = 0;
  while (file.batch->rows.size() < kBatchRows && bytes < kBatchBytes) {
    const auto line = PURVEY_TRY(file.lines->next());
    if (line.end) {
      file.drained = true;
      break;
    }
    bytes += line.text.size();
    if (line.too_long) {
      decoder_.refuse_too_long(line.text, *file.batch);
    } else {
      decoder_.decode(line.text, *file.batch);
    }
  }
  file.note_sources();
  return {};
}

base::Result<EventSlice> FileEvents::next() {
  File* first = nullptr;
  base::EventTime limit{std::numeric_limits<int64_t>::max()};  // of the other files' next events
  bool strict = false;  // whether an event at `limit` belongs to an earlier file
  for (File& file : files_) {
    PURVEY_TRY(fill(file));
    if (file.is_empty()) continue;
    if (first == nullptr) {
      first = &file;
    } else if (file.head() < first->head()) {
      limit = first->head();
      strict = true;
      first = &file;
    } else if (file.head() < limit) {
      limit = file.head();
      strict = false;
    }
  }
  if (first == nullptr) return EventSlice{};
  const size_t begin = first->at;
  do {
    ++first->at;
  } while (!first->is_empty() && (strict ? first->head() < limit : first->head() <= limit));
  return EventSlice{first->batch, begin, first->at, static_cast<size_t>(first - files_.data())};
}

uint64_t FileEvents::raw_bytes() const {
  uint64_t sum = 0;
  for (const File& file : files_) sum += file.lines->source().raw_bytes();
  return sum;
}

std::vector<FileEvents::SourceCounts> FileEvents::events_by_source() const {
  std::vector<SourceCounts> events;
  for (const File& file : files_) events.push_back(file.events);
  return events;
}

}  // namespace purvey::flow
