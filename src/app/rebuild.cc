#include "app/rebuild.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/count_files.h"
#include "app/flow_state.h"
#include "app/input_files.h"
#include "app/live_flow.h"
#include "app/open_store.h"
#include "app/play_journal.h"
#include "app/row_writer.h"
#include "app/site_key.h"
#include "app/source_filter.h"
#include "base/dictionary.h"
#include "base/file.h"
#include "event/json_decoder.h"
#include "store/ledger/journal.h"

namespace purvey::app {
namespace {

using base::Result;
using store::depot::Store;
using store::ledger::Journal;
using store::ledger::JournalRecord;

// Of records on their way into the new journal: enough to share a sync, few enough to be no matter.
constexpr size_t kRecordsWaiting = 1024;
constexpr size_t kBytesWaiting = 8U << 20;
constexpr size_t kRowsHandedOver = 16'384;
// For how long they are kept, rows are as old as the commit that has them, and that as its last
// record: by being counted again they get younger by a week at most.
constexpr base::Micros kCommitSpan = std::chrono::hours(7 * 24);

Result<InputFile> open_input(const PastFile& past) {
  InputFile file;
  file.name = past.path;
  file.size = past.known.size;
  file.head_hash = past.known.head_hash;
  auto source = PURVEY_TRY(base::open_byte_source(past.path));
  file.bytes = source.get();
  file.lines = std::make_unique<event::LineReader>(std::move(source));
  return file;
}

base::Error has_changed(const PastFile& past) {
  return base::conflict(
      fmt::format("{}: has changed since it was replayed; put the file of that time back, or name "
                  "a folder that "
                  "has it with --files",
                  past.path));
}

/// Some files of a replay, opened to be read once more.
struct OpenedFiles {
  std::vector<const PastFile*> past = {};
  std::vector<InputFile> inputs = {};
  std::unique_ptr<flow::FileEvents> events = {};
};

class Rebuild {
 public:
  Rebuild(const InputHistory& history, const RebuildOptions& options,
          const Configuration& configuration)
      : history_(history),
        options_(options),
        configuration_(configuration),
        letters_(history.journal.letters),
        filter_(options.source, letters_) {}

  Result<Rebuilt> run() {
    PURVEY_TRY(open());
    for (const PastReplay& replay : history_.replays) {
      PURVEY_TRY(play_records(replay.next_record()));
      PURVEY_TRY(play_files(replay));
    }
    PURVEY_TRY(play_records(history_.journal.next_number));
    if (store_->next_seq() != next_.now) {
      return base::corrupt(
          fmt::format("{}: {} events were counted where {} are left; nothing was changed",
                      options_.folder, store_->next_seq() - 1, next_.now - 1));
    }
    return Rebuilt{.next_seq = store_->next_seq(), .digest = PURVEY_TRY(store_->digest())};
  }

 private:
  Result<void> open() {
    store_ = PURVEY_TRY(open_store(options_.folder, configuration_));
    PURVEY_TRY(base::make_folder(options_.folder + "/ids"));  // also where nothing is left
    if (history_.journal.folder.empty()) return {};
    old_journal_ = PURVEY_TRY(Journal::open_to_read(history_.journal.folder));
    const LiveOptions live = live_options(options_.folder, configuration_);
    journal_ = PURVEY_TRY(Journal::open(
        {.folder = options_.folder + "/journal", .segment_bytes = live.segment_bytes}));
    return {};
  }

  void tell_progress(uint64_t bytes, uint64_t events) const {
    if (options_.progress) options_.progress(bytes_done_ + bytes, events_done_ + events);
  }

  // --- the journal ---

  struct Waiting {
    FlowInput input = {};
    uint32_t events = 0;
    std::string body = {};
  };

  /// Records from where it stands up to `end`, as a server would count them that goes on from the
  /// last commit.
  Result<void> play_records(int64_t end) {
    if (old_journal_ == nullptr || next_record_ >= end) return {};
    names_ = std::make_unique<base::Dictionary>();
    const auto read =
        old_journal_->read(next_record_, [&](const JournalRecord& record) -> Result<bool> {
          if (record.number >= end) return false;
          next_record_ = record.number + 1;
          PURVEY_TRY(take_record(record));
          return true;
        });
    if (!read) return read.error();
    PURVEY_TRY(write_records());
    if (flow_ == nullptr) return {};
    auto info = PURVEY_TRY(flow_->commit_info());
    info.stored_at = last_received_;
    PURVEY_TRY(append_rows());
    PURVEY_TRY(store_->commit(info));
    flow_->committed();
    first_received_ = base::kNever;
    writer_.reset();
    flow_.reset();
    return {};
  }

  /// Makes the rows so far as old as they are, without a state to go on from.
  Result<void> commit_rows() {
    PURVEY_TRY(write_records());
    first_received_ = base::kNever;
    if (flow_ == nullptr) return {};
    PURVEY_TRY(append_rows());
    return store_->commit(
        {.next_seq = next_.now, .watermark = flow_->watermark(), .stored_at = last_received_});
  }

  Result<void> take_record(const JournalRecord& record) {
    if (first_received_ == base::kNever) first_received_ = record.received;
    if (record.received - first_received_ >= kCommitSpan) PURVEY_TRY(commit_rows());
    last_received_ = record.received;
    Waiting one{.input = PURVEY_TRY(decode_record(record, *names_)),
                .body = std::string(record.body)};
    const auto left = filter_.filter(one.input, *names_, next_);
    bytes_done_ += record.body.size();
    events_done_ += record.events;
    if (left == SourceFilter::Left::kNothing) return {};
    if (left == SourceFilter::Left::kSome) {
      one.body = PURVEY_TRY(one.input.command ? pack_command(*one.input.command, *names_)
                                              : pack_events(*one.input.batch, *names_));
    }
    const auto& batch = one.input.command ? one.input.command->events : one.input.batch;
    one.events = batch ? static_cast<uint32_t>(batch->rows.size()) : 0;
    bytes_waiting_ += one.body.size();
    waiting_.push_back(std::move(one));
    const bool is_enough = waiting_.size() >= kRecordsWaiting || bytes_waiting_ >= kBytesWaiting;
    return is_enough ? write_records() : Result<void>();
  }

  /// What waits goes into the new journal, and through the flow.
  Result<void> write_records() {
    if (waiting_.empty()) return {};
    PURVEY_TRY(open_live_flow());
    std::vector<JournalRecord> records;
    for (const Waiting& one : waiting_) {
      records.push_back({.events = one.events,
                         .kind = one.input.kind,
                         .received = one.input.received,
                         .body = one.body});
    }
    PURVEY_TRY(journal_->append(records));
    for (size_t i = 0; i < records.size(); ++i) {
      take_input(waiting_[i].input, records[i].number, *flow_);
      if (flow_->rows_waiting() >= kRowsHandedOver) PURVEY_TRY(append_rows());
    }
    waiting_.clear();
    bytes_waiting_ = 0;
    tell_progress(0, 0);
    return {};
  }

  Result<void> open_live_flow() {
    if (flow_ != nullptr) return {};
    flow_ = std::make_unique<FlowState>(configuration_, *names_, base::EventTime{});
    flow_->go_live();
    writer_.emplace(*store_, *names_);
    return flow_->open(*store_, options_.folder);
  }

  Result<void> append_rows() { return writer_->append(flow_->take_rows()); }

  // --- files ---

  bool is_left(const PastFile& file) const {
    return file.events_of(options_.source) == 0 || file.has_other_than(options_.source);
  }

  /// As the replay was, with what is left of its files.
  Result<void> play_files(const PastReplay& replay) {
    PURVEY_TRY(number_letters(replay));
    const auto before = static_cast<int64_t>(replay.events());
    events_done_ += replay.events();
    next_.before += before;
    if (std::none_of(replay.files.begin(), replay.files.end(),
                     [&](const PastFile& file) { return is_left(file); })) {
      return {};
    }
    base::Dictionary names;
    FlowState flow(configuration_, names, replay.received());
    PURVEY_TRY(flow.open(*store_, options_.folder));
    auto decoder = PURVEY_TRY(make_decoder(names));
    auto files = PURVEY_TRY(open_files(replay, *decoder, names, flow.future_limit(), true));
    uint64_t events = 0;
    const auto progress = [&](uint64_t bytes, uint64_t count) {
      events = count;
      tell_progress(bytes, count);
    };
    Result<store::depot::CommitInfo> info;
    PURVEY_TRY(
        count_files(*files.events, flow, *store_, progress, [&] { info = flow.commit_info(); }));
    if (!info) return info.error();
    info->files = PURVEY_TRY(known_again(files, names, flow));
    info->stored_at = replay.received();
    PURVEY_TRY(store_->commit(*info));
    flow.committed();
    next_.now += static_cast<int64_t>(events);
    bytes_done_ += files.events->raw_bytes();
    return {};
  }

  Result<std::unique_ptr<event::JsonDecoder>> make_decoder(base::Dictionary& names) const {
    const auto key = PURVEY_TRY(load_site_key(options_.data, false));
    return std::make_unique<event::JsonDecoder>(
        names, event::Pseudonymizer(key, configuration_.personal), configuration_.base_currency);
  }

  /// Those of a replay that are left, without the source; or all, as they were when it was there.
  Result<OpenedFiles> open_files(const PastReplay& replay, event::JsonDecoder& decoder,
                                 base::Dictionary& names, base::EventTime future_limit,
                                 bool without) const {
    OpenedFiles files;
    for (const PastFile& past : replay.files) {
      if (without && !is_left(past)) continue;
      if (past.path.empty()) {
        return base::not_found(fmt::format(
            "{}: is missing, and the numbers of dead letters that were retried or discarded depend "
            "on it; put it back, or name a folder that has it with --files",
            past.known.path));
      }
      files.past.push_back(&past);
      files.inputs.push_back(PURVEY_TRY(open_input(past)));
    }
    files.events =
        std::make_unique<flow::FileEvents>(take_readers(files.inputs), decoder, future_limit);
    for (size_t i = 0; i < files.past.size(); ++i) {
      if (without) files.events->leave_out(i, names.intern(options_.source));
      for (const store::SourceCount& count : files.past[i]->known.sources) {
        if (count.purged) files.events->leave_out(i, names.intern(count.source));
      }
    }
    return files;
  }

  /// As the new ledger is to know them.
  Result<std::vector<store::KnownFile>> known_again(const OpenedFiles& files,
                                                    const base::Dictionary& names,
                                                    const FlowState& flow) const {
    const auto& first = files.past.front()->known;
    auto known = known_files(files.inputs, *files.events, names,
                             {.received = first.received, .next_record = flow.next_record()});
    for (size_t i = 0; i < known.size(); ++i) {
      const PastFile& past = *files.past[i];
      if (!(known[i].fingerprint == past.known.fingerprint)) return has_changed(past);
      known[i].name = past.known.name;
      for (const store::SourceCount& count : past.known.sources) {
        if (!count.purged && count.source != options_.source) continue;
        known[i].sources.push_back(
            {.source = count.source, .events = count.events, .purged = true});
      }
    }
    return known;
  }

  // --- dead letters of files ---

  /// The numbers that the letters of a replay get which commands name.
  Result<void> number_letters(const PastReplay& replay) {
    const auto named =
        letters_.named(next_.before, next_.before + static_cast<int64_t>(replay.events()));
    if (named.empty()) return {};
    // A file's events keep their order, but how files are merged depends on all that stands in
    // them. So an event is known by its file and its place among those of the file that are left.
    std::map<std::pair<const PastFile*, int64_t>, int64_t> places;
    int64_t before = next_.before;
    PURVEY_TRY(visit_rows(replay, false, [&](const PastFile* file, int64_t place) {
      if (place > 0 && named.contains(before)) places[{file, place}] = before;
      ++before;
    }));
    int64_t now = next_.now;
    PURVEY_TRY(visit_rows(replay, true, [&](const PastFile* file, int64_t place) {
      const auto found = places.find({file, place});
      if (found != places.end()) letters_.move(found->second, now);
      ++now;
    }));
    return {};
  }

  /// Visits rows in the order in which they count, with or without the source: their file and their
  /// place, from 1, among its rows that are left; 0 for one that goes.
  template <class Visit>
  Result<void> visit_rows(const PastReplay& replay, bool without, const Visit& visit) const {
    base::Dictionary names;
    const FlowState flow(configuration_, names, replay.received());  // for its limit alone
    const auto decoder = PURVEY_TRY(make_decoder(names));
    const uint32_t source = names.intern(options_.source);
    const auto files =
        PURVEY_TRY(open_files(replay, *decoder, names, flow.future_limit(), without));
    std::vector<int64_t> places(files.past.size());
    for (;;) {
      const auto slice = PURVEY_TRY(files.events->next());
      if (slice.begin == slice.end) return {};
      const PastFile* const past = files.past[slice.file];
      for (size_t i = slice.begin; i < slice.end; ++i) {
        const bool goes = !is_left(*past) || slice.batch->rows[i].source == source;
        visit(past, goes ? 0 : ++places[slice.file]);
      }
    }
  }

  const InputHistory& history_;
  const RebuildOptions& options_;
  const Configuration& configuration_;
  LetterNumbers letters_;
  SourceFilter filter_;
  NextSeq next_;

  std::unique_ptr<Store> store_;
  std::unique_ptr<Journal> old_journal_;
  std::unique_ptr<Journal> journal_;
  int64_t next_record_ = 1;  ///< of the old journal

  // Of the stretch of the journal that is being played:
  std::unique_ptr<base::Dictionary> names_;
  std::unique_ptr<FlowState> flow_;  ///< once anything is left of it, as
  std::optional<RowWriter> writer_;
  base::EventTime first_received_ = base::kNever;  ///< of the records that no commit has
  base::EventTime last_received_ = base::kNever;
  std::vector<Waiting> waiting_;
  size_t bytes_waiting_ = 0;

  uint64_t bytes_done_ = 0;
  uint64_t events_done_ = 0;
};

}  // namespace

Result<Rebuilt> rebuild_without(const InputHistory& history, const RebuildOptions& options,
                                const Configuration& configuration) {
  return Rebuild(history, options, configuration).run();
}

}  // namespace purvey::app
