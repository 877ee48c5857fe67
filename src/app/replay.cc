#include "app/replay.h"

#include <fmt/core.h>

#include <chrono>
#include <optional>

#include "app/count_files.h"
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

using store::depot::Store;

/// What failed when the events were in already: the caller must not think that they are not.
base::Error after_commit(const base::Error& error) {
  return {error.code, "the events are taken in, but then: " + error.message};
}

/// Brings the files through the flow; what is to be committed.
base::Result<store::depot::CommitInfo> count_inputs(std::vector<InputFile>& inputs,
                                                    const ReplayOptions& options,
                                                    event::JsonDecoder& decoder, FlowState& flow,
                                                    Store& store) {
  flow::FileEvents events(take_readers(inputs), decoder, flow.future_limit());
  const auto progress = [&, total = total_size(inputs)](uint64_t bytes, uint64_t count) {
    if (options.progress) options.progress({bytes, total, count});
  };
  base::Result<store::depot::CommitInfo> info;
  PURVEY_TRY(count_files(events, flow, store, progress, [&] { info = flow.commit_info(); }));
  if (!info) return info;
  info->files = known_files(inputs, events, flow.names(),
                            {.received = options.now, .next_record = flow.next_record()});
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
  event::JsonDecoder decoder(names, event::Pseudonymizer(key, configuration.personal),
                             configuration.base_currency);
  const auto info = count_inputs(inputs, options, decoder, flow, store);
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
