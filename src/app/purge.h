#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/configuration.h"
#include "app/input_history.h"
#include "app/rebuild.h"
#include "base/result.h"
#include "store/depot/store.h"

namespace purvey::app {

struct PurgeOptions {
  std::string data = {};
  std::string source = {};
  std::string files = {};     ///< a folder with files that lie elsewhere by now; may be empty
  bool checks_whole = false;  ///< every byte of the files is compared before anything is done
};

/// What a purge takes away, and what it has to count again.
struct PurgePlan {
  struct File {
    std::string name;     ///< as it was given to replay
    uint64_t events = 0;  ///< of the source
    uint64_t all = 0;     ///< that count, of all sources
    bool goes = false;    ///< nothing else is in it: it is forgotten
  };

  uint64_t events = 0;  ///< received of the source
  std::vector<std::pair<std::string, uint64_t>> verdicts = {};
  std::string first_day = {};  ///< of event time, in the site's zone; empty without any
  std::string last_day = {};
  std::vector<File> files = {};  ///< that hold the source
  uint64_t files_again = 0;      ///< to be counted again
  uint64_t records_again = 0;    ///< of the journal, those of the source among them
  uint64_t bytes_again = 0;      ///< of both
};

struct PurgeSummary {
  uint64_t events = 0;  ///< that are left
  double seconds = 0;
  std::string digest = {};
};

/// Undoes what one source sent: afterwards the data folder is in every result as if it had never
/// sent anything. The folder is worked out again from its inputs in a folder of its own, which then
/// takes its place, whole or not at all (store/depot/rebuilt_folder.h).
class Purge {
 public:
  /// Holds the folder, which no server may be working on, and finds out whether everything is there
  /// that has to be counted again. Changes nothing. Errors: kNotFound for a source that nothing
  /// came from, naming one like it, and for files that are missing; kConflict where something
  /// cannot be counted again, or another process holds the folder; kUnavailable if the disk has too
  /// little room for a second copy.
  static base::Result<std::unique_ptr<Purge>> prepare(const PurgeOptions& options,
                                                      const Configuration& configuration);

  const PurgePlan& plan() const { return plan_; }

  /// Errors: as rebuild_without(); nothing was changed then, unless the message says so.
  base::Result<PurgeSummary> run(
      const std::function<void(uint64_t bytes, uint64_t events)>& progress);

 private:
  Purge(PurgeOptions options, const Configuration& configuration)
      : options_(std::move(options)), configuration_(configuration) {}
  base::Result<void> prepare();
  base::Result<void> note_verdicts();
  void note_inputs();
  base::Error unknown_source();

  const PurgeOptions options_;
  const Configuration& configuration_;
  std::unique_ptr<store::depot::Store> store_;
  InputHistory history_;
  PurgePlan plan_;
};

}  // namespace purvey::app
