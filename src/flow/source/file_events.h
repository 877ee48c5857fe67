#pragma once

#include <absl/container/btree_map.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "event/batch.h"
#include "event/json_decoder.h"
#include "event/line_reader.h"

namespace purvey::flow {

/// Consecutive rows of a batch, in the order in which they count.
struct EventSlice {
  std::shared_ptr<event::EventBatch> batch;
  size_t begin = 0;
  size_t end = 0;
  size_t file = 0;  ///< that they stand in: its place among those given
};

/// Events of several NDJSON files merged by event time: of the files' next events the earliest
/// comes first, ties in the order of the files; within a file the order of its lines stays. Lines
/// that are rejected come where they stand.
///
/// One thread; all files share a decoder and its dictionary. Memory: one batch and one
/// buffer of lines a file, both as large as the file asks for.
class FileEvents {
 public:
  static constexpr size_t kBatchRows = 4096;
  static constexpr size_t kBatchBytes = 1U << 20;

  /// `decoder` must outlive it. Refused events, and those later than `future_limit`, come where
  /// they stand: their time holds nothing back.
  FileEvents(std::vector<std::unique_ptr<event::LineReader>> files, event::JsonDecoder& decoder,
             base::EventTime future_limit);
  ~FileEvents();

  /// As if events of `source`, an id of the decoder's dictionary, did not stand in file `file`. To
  /// be called before next().
  void leave_out(size_t file, uint32_t source);

  /// The next rows; an empty slice at the end. Errors: those of the files.
  base::Result<EventSlice> next();

  /// Raw bytes taken in, over all files.
  uint64_t raw_bytes() const;

  /// Events read so far from each file, by source (ids of the decoder's dictionary; 0: lines that
  /// name none). What is left out is not among them.
  using SourceCounts = absl::btree_map<uint32_t, uint64_t>;
  std::vector<SourceCounts> events_by_source() const;

 private:
  struct File;

  base::Result<void> fill(File& file);
  base::Result<void> read_batch(File& file);

  event::JsonDecoder& decoder_;
  std::vector<File> files_;
};

}  // namespace purvey::flow
