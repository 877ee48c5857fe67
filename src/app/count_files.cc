#include "app/count_files.h"

#include <fmt/core.h>

#include <exception>
#include <thread>
#include <vector>

#include "app/bounded_queue.h"
#include "app/row_writer.h"

namespace purvey::app {
namespace {

using store::depot::Store;

// Slices and row buffers on their way between threads: enough to even out bursts, few enough to
// stay in the cache.
constexpr size_t kSlicesWaiting = 8;
constexpr size_t kRowsWaiting = 8;
constexpr size_t kRowsHandedOver = 16'384;

/// Reads and decodes in a thread of its own; slices come out of `slices`, the error (if any) after
/// its end.
class ReaderThread {
 public:
  ReaderThread(flow::FileEvents& events, const FileProgress& progress)
      : thread_([this, &events, &progress] { run(events, progress); }) {}
  ~ReaderThread() {
    slices.close();
    if (thread_.joinable()) thread_.join();
  }

  BoundedQueue<flow::EventSlice> slices{kSlicesWaiting};

  base::Result<void> finish() {
    thread_.join();
    return result_;
  }

 private:
  void run(flow::FileEvents& events, const FileProgress& progress) {
    try {
      read(events, progress);
    } catch (const std::exception& error) {
      result_ = base::exhausted(fmt::format("reading stopped: {}", error.what()));
    }
    slices.close();
  }

  void read(flow::FileEvents& events, const FileProgress& progress) {
    uint64_t count = 0;
    for (;;) {
      auto slice = events.next();
      if (!slice) {
        result_ = slice.error();
        break;
      }
      if (slice->begin == slice->end) break;
      count += slice->end - slice->begin;
      if (progress) progress(events.raw_bytes(), count);
      if (!slices.put(*std::move(slice))) break;
    }
  }

  base::Result<void> result_;
  std::thread thread_;
};

/// Makes rows and appends them to the store in a thread of its own, and writes what is left of them
/// when no more come.
class WriterThread {
 public:
  WriterThread(Store& store, const base::Dictionary& names)
      : thread_([this, &store, &names] { run(store, names); }) {}
  ~WriterThread() {
    rows.close();
    if (thread_.joinable()) thread_.join();
  }

  BoundedQueue<flow::PendingRows> rows{kRowsWaiting};

  base::Result<void> finish() {
    rows.close();
    thread_.join();
    return result_;
  }

 private:
  void run(Store& store, const base::Dictionary& names) {
    try {
      write(store, names);
    } catch (const std::exception& error) {
      result_ = base::exhausted(fmt::format("writing stopped: {}", error.what()));
      rows.close();
    }
  }

  void write(Store& store, const base::Dictionary& names) {
    RowWriter writer(store, names);
    while (const auto pending = rows.take()) {
      if (result_) result_ = writer.append(*pending);
      if (!result_) rows.close();
    }
    if (result_) result_ = store.flush();
  }

  base::Result<void> result_;
  std::thread thread_;
};

/// The middle of the three threads: every slice through the flow, rows to the writer.
base::Result<void> count_events(ReaderThread& reader, WriterThread& writer, FlowState& flow) {
  bool writing = true;
  while (writing) {
    auto slice = reader.slices.take();
    if (!slice) break;
    flow.take(*slice);
    if (flow.rows_waiting() >= kRowsHandedOver) writing = writer.rows.put(flow.take_rows());
  }
  if (!writing) return writer.finish();
  PURVEY_TRY(reader.finish());
  flow.finish();
  writer.rows.put(flow.take_rows());
  writer.rows.close();
  return {};
}

}  // namespace

base::Result<void> count_files(flow::FileEvents& events, FlowState& flow, Store& store,
                               const FileProgress& progress,
                               const std::function<void()>& meanwhile) {
  WriterThread writer(store, flow.names());
  ReaderThread reader(events, progress);
  PURVEY_TRY(count_events(reader, writer, flow));
  if (meanwhile) meanwhile();
  return writer.finish();
}

}  // namespace purvey::app
