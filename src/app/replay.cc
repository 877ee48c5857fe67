#include "app/replay.h"

#include <fmt/core.h>

#include <chrono>
#include <exception>
#include <optional>
#include <thread>

#include "app/bounded_queue.h"
#include "app/flow_state.h"
#include "app/input_files.h"
#include "app/new_data_folder.h"
#include "app/open_store.h"
#include "app/site_key.h"
#include "app/temporary_folder.h"
#include "base/dictionary.h"
#include "base/file.h"
#include "flow/source/file_events.h"
#include "store/depot/store.h"

namespace purvey::app {
namespace {

using store::RowBuffer;
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
  ReaderThread(flow::FileEvents& events, const ReplayOptions& options, uint64_t bytes_total)
      : thread_([this, &events, &options, bytes_total] { run(events, options, bytes_total); }) {}
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
  void run(flow::FileEvents& events, const ReplayOptions& options, uint64_t bytes_total) {
    try {
      read(events, options, bytes_total);
    } catch (const std::exception& error) {
      result_ = base::exhausted(fmt::format("reading stopped: {}", error.what()));
    }
    slices.close();
  }

  void read(flow::FileEvents& events, const ReplayOptions& options, uint64_t bytes_total) {
    uint64_t count = 0;
    for (;;) {
      auto slice = events.next();
      if (!slice) {
        result_ = slice.error();
        break;
      }
      if (slice->begin == slice->end) break;
      count += slice->end - slice->begin;
      if (options.progress) options.progress({events.raw_bytes(), bytes_total, count});
      if (!slices.put(*std::move(slice))) break;
    }
  }

  base::Result<void> result_;
  std::thread thread_;
};

/// Appends rows to the store in a thread of its own.
class WriterThread {
 public:
  explicit WriterThread(Store& store) : thread_([this, &store] { run(store); }) {}
  ~WriterThread() {
    rows.close();
    if (thread_.joinable()) thread_.join();
  }

  BoundedQueue<std::vector<RowBuffer>> rows{kRowsWaiting};

  base::Result<void> finish() {
    rows.close();
    thread_.join();
    return result_;
  }

 private:
  void run(Store& store) {
    try {
      write(store);
    } catch (const std::exception& error) {
      result_ = base::exhausted(fmt::format("writing stopped: {}", error.what()));
      rows.close();
    }
  }

  void write(Store& store) {
    while (auto buffers = rows.take()) {
      for (const RowBuffer& buffer : *buffers) {
        if (result_) result_ = store.append(buffer);
      }
      if (!result_) rows.close();
    }
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
  if (writing) {
    PURVEY_TRY(reader.finish());
    flow.finish();
    writer.rows.put(flow.take_rows());
  }
  return writer.finish();
}

/// What failed when the events were in already: the caller must not think that they are not.
base::Error after_commit(const base::Error& error) {
  return {error.code, "the events are taken in, but then: " + error.message};
}

/// Brings the files through the flow; what is to be committed.
base::Result<store::depot::CommitInfo> count_files(std::vector<InputFile>& inputs,
                                                   const ReplayOptions& options,
                                                   event::JsonDecoder& decoder, FlowState& flow,
                                                   Store& store) {
  flow::FileEvents events(take_readers(inputs), decoder, flow.future_limit());
  {
    WriterThread writer(store);
    ReaderThread reader(events, options, total_size(inputs));
    PURVEY_TRY(count_events(reader, writer, flow));
  }
  auto info = PURVEY_TRY(flow.commit_info());
  info.files = known_files(inputs, events);
  return info;
}

/// Brings the files through the flow and commits.
base::Result<void> take_in(std::vector<InputFile>& inputs, const ReplayOptions& options,
                           const Configuration& configuration, const std::string& folder,
                           const event::Pseudonymizer::Key& key, Store& store,
                           ReplaySummary& summary) {
  const auto begun = std::chrono::steady_clock::now();
  base::Dictionary names;
  FlowState flow(configuration, names, options.now);
  PURVEY_TRY(flow.open(store, folder));
  event::JsonDecoder decoder(names, event::Pseudonymizer(key), configuration.base_currency);
  const auto info = count_files(inputs, options, decoder, flow, store);
  if (!info) {
    flow.discard();
    return info.error();
  }
  PURVEY_TRY(store.commit(*info));
  flow.fill(summary);
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return {};
}

}  // namespace

base::Result<ReplaySummary> run_replay(const ReplayOptions& options,
                                       const Configuration& configuration) {
  for (const std::string& file : options.files) PURVEY_TRY(check_input(file));
  TemporaryFolder temporary;
  if (options.data.empty()) temporary = PURVEY_TRY(TemporaryFolder::make());
  const std::string& folder = options.data.empty() ? temporary.path() : options.data;
  NewDataFolder made(folder);
  auto store = PURVEY_TRY(open_store(folder, configuration));
  made.opened();
  const auto key = options.data.empty() ? event::Pseudonymizer::published_key()
                                        : PURVEY_TRY(load_site_key(folder, store->next_seq() == 1));

  ReplaySummary summary;
  auto inputs = PURVEY_TRY(open_new_files(options.files, *store, summary.known));
  if (!inputs.empty())
    PURVEY_TRY(take_in(inputs, options, configuration, folder, key, *store, summary));
  made.keep();

  const auto digest = store->digest();
  if (!digest) return after_commit(digest.error());
  summary.digest = *digest;
  store.reset();
  if (!options.inspect) return summary;
  const auto inspected = options.inspect(folder);
  if (!inspected) return after_commit(inspected.error());
  return summary;
}

}  // namespace purvey::app
