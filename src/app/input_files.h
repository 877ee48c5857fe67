#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/replay.h"
#include "base/dictionary.h"
#include "event/line_reader.h"
#include "flow/source/file_events.h"
#include "store/depot/store.h"

namespace purvey::app {

/// A file to be taken in: not known by its content.
struct InputFile {
  std::string name;
  uint64_t size = 0;
  base::Hash128 head_hash;  ///< of its first MiB
  std::unique_ptr<event::LineReader> lines;
  const base::ByteSource* bytes = nullptr;  ///< of `lines`
};

/// Looks whether a file can be read, before anything is made for it. What can be read only once, as
/// a pipe, has only to be there. Errors: as open_byte_source().
base::Result<void> check_input(const std::string& path);

/// Opens the files that the store has not taken in yet; the others go to `known`. A file whose size
/// and first MiB are those of a known one, or of another of `paths`, is hashed whole before
/// anything is counted. Errors: those of opening and reading, the store's.
base::Result<std::vector<InputFile>> open_new_files(const std::vector<std::string>& paths,
                                                    store::depot::Store& store,
                                                    std::vector<KnownInput>& known);

/// The readers, for FileEvents; `bytes` stays valid as long as they do.
std::vector<std::unique_ptr<event::LineReader>> take_readers(std::vector<InputFile>& files);

/// Bytes of all files; 0 if one has no size, as a pipe.
uint64_t total_size(const std::vector<InputFile>& files);

/// When and among what a file came.
struct TakenIn {
  base::EventTime received = {};  ///< of the wall clock
  int64_t next_record = 1;        ///< of the journal
};

/// The files as the ledger knows them, once `events` has read them to their ends; `names` is the
/// dictionary of its decoder.
std::vector<store::KnownFile> known_files(const std::vector<InputFile>& files,
                                          const flow::FileEvents& events,
                                          const base::Dictionary& names, const TakenIn& taken_in);

}  // namespace purvey::app
