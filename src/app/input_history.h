#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/depot/store.h"
#include "store/known_file.h"

namespace purvey::app {

/// A file that a data folder took in once, and where it lies now.
struct PastFile {
  store::KnownFile known = {};
  std::string path = {};  ///< empty as long as it has not been looked for

  /// Events of a source that count; 0 if there are none.
  uint64_t events_of(std::string_view source) const;
  /// Whether any source but this one has events that count. Lines that name none belong to their
  /// file: they go with its last source.
  bool has_other_than(std::string_view source) const;
};

/// Files that one replay took in together, merged by time.
struct PastReplay {
  std::vector<PastFile> files = {};

  base::EventTime received() const { return files.front().known.received; }
  int64_t next_record() const { return files.front().known.next_record; }
  uint64_t events() const;
};

/// What a folder's journal holds.
struct PastJournal {
  std::string folder = {};  ///< empty: there is none
  int64_t next_number = 1;
  uint64_t events = 0;
  uint64_t bytes = 0;              ///< of the records' bodies
  std::set<int64_t> letters = {};  ///< dead letters that commands are about
};

/// Everything that came into a data folder, in its order: the results are a function of it and of
/// the settings.
struct InputHistory {
  std::vector<PastReplay> replays = {};
  PastJournal journal = {};
};

/// Reads it from a folder that `store` holds; the journal is read through. Errors: kConflict where
/// something cannot be counted again (it came through a pipe, or records of the journal were
/// dropped), saying what; kCorrupt for a damaged journal.
base::Result<InputHistory> read_history(const std::string& folder, store::depot::Store& store);

/// Finds the files of all replays: where they lay, or else, with whatever name, under `look_in`
/// (empty: nowhere). By size and first MiB, or `whole` by all bytes. Errors: kNotFound naming the
/// first that is missing or has changed, and holds something else than `source`.
base::Result<void> find_files(InputHistory& history, std::string_view source,
                              const std::string& look_in, bool whole);

}  // namespace purvey::app
