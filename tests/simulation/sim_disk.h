#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "random.h"

namespace purvey::simulation {

/// What a power cut leaves of what was written and not synced.
enum class Survival : uint8_t {
  kNothing,     ///< all of it is lost
  kEverything,  ///< all of it is there
  kPrefix,      ///< what came first, the last write torn
  kSectors,     ///< any choice of 512-byte sectors, of names too: writes are torn and reordered
  kPages,       ///< the same with pages of 4 KiB
  kZeroed,      ///< sizes grow, the bytes are zero
};
inline constexpr int kSurvivals = 6;

/// How a step of the disk can go wrong while the power stays on.
enum class Fault : uint8_t {
  kNone,
  kError,     ///< an I/O error; a write may have been done in part
  kFullDisk,  ///< no room: for this write, creation or truncation
  /// fsync fails, and the pages are marked clean all the same: another fsync says that all is well,
  /// and after a power cut it is not (Rebello et al., USENIX ATC 2020).
  kFailedSync,
};

/// A disk in memory that loses, tears and refuses on request, both as base::Disk and as a VFS of
/// SQLite (sim_vfs.cc).
///
/// 1. Each file has what is seen, what is durable, and the writes between the two; each folder the
///    same of its names. sync() of a file or folder makes durable what it holds at the time.
/// 2. Every change and every sync is a step. plan_crash(k) cuts the power at step k: it does not
///    come to its end, and all calls after it fail. restart() then decides what survived.
/// 3. A step may also fail (plan_fault), and the disk may be full (set_capacity).
///
/// One thread. Paths are absolute; there are no links.
class SimDisk final : public base::Disk {
 public:
  explicit SimDisk(uint64_t seed);
  ~SimDisk() override;
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // --- what can go wrong ---

  /// Steps since the disk was made.
  uint64_t steps() const { return steps_; }
  void plan_crash(uint64_t step) { crash_at_ = step; }
  void plan_fault(uint64_t step, Fault fault) {
    fault_at_ = step;
    fault_ = fault;
  }
  void set_capacity(uint64_t bytes) { capacity_ = bytes; }
  uint64_t used() const;
  bool is_down() const { return is_down_; }
  /// A fault that was planned and has come about.
  bool has_failed() const { return has_failed_; }
  /// Cuts the power now.
  void cut_power() { is_down_ = true; }
  /// Begins after a power cut; whoever used the disk is gone.
  void restart(Survival survival);
  /// Begins after the process alone was gone: all that was written is there, durable or not.
  void go_on();
  /// Nothing goes wrong any more.
  void forget_plans();

  /// For tests of the harness: syncs that only pretend. By the words that the path holds.
  void ignore_syncs_of(std::string words) { ignored_syncs_ = std::move(words); }

  /// Everything that was ever done, hashed: two runs of one seed must agree.
  uint64_t trace() const { return trace_; }
  /// Prints each step to standard error.
  void set_verbose(bool verbose) { is_verbose_ = verbose; }

  /// Bytes of files that were removed, by path: whole journals can be put together again.
  const std::map<std::string, std::string>& removed() const { return removed_; }
  void keep_removed(std::string words) { kept_removed_ = std::move(words); }

  // --- base::Disk ---

  base::Result<void> read(const std::string& path, const Visit& visit) override;
  base::Result<std::unique_ptr<base::MappedFile>> map(const std::string& path) override;
  base::Result<std::optional<base::PathStatus>> status(const std::string& path) override;
  base::Result<std::vector<std::string>> list(const std::string& folder) override;
  bool can_write(const std::string&) override { return true; }
  base::Result<void> write(const std::string& path, std::string_view bytes, unsigned mode) override;
  base::Result<void> sync(const std::string& path) override;
  base::Result<void> sync_all(std::span<const std::string> paths) override;
  base::Result<void> rename(const std::string& from, const std::string& to) override;
  base::Result<void> remove(const std::string& path) override;
  base::Result<bool> make_folders(const std::string& folder) override;
  base::Result<std::unique_ptr<base::FileHold>> hold(const std::string& path,
                                                     base::Holding holding) override;
  const char* sqlite_vfs() const override { return vfs_name_.c_str(); }

  // --- of the VFS: errors are codes of errno ---

  struct Node;
  using NodePtr = std::shared_ptr<Node>;

  /// Null and ENOENT where there is nothing; with `make` an empty file is made.
  int open_file(const std::string& path, bool make, NodePtr& file);
  NodePtr make_unnamed();
  int write_at(Node& file, uint64_t offset, std::string_view bytes);
  int truncate(Node& file, uint64_t size);
  int sync_node(Node& node);
  int sync_folder_of(const std::string& path);
  int remove_path(const std::string& path);
  bool exists_with_bytes(const std::string& path);
  Random& random() { return random_; }

 private:
  struct Change;

  bool has_no_room_for(uint64_t bytes) const;
  NodePtr find(const std::string& path) const;
  NodePtr folder_of(const std::string& path) const;
  /// Counts a step; an error of errno if it must not be done.
  int step(std::string_view what, const std::string& path, uint64_t amount = 0);
  int begin_write(Node& file, uint64_t offset, std::string_view bytes);
  void change_name(Node& folder, std::vector<std::pair<std::string, NodePtr>> names);
  void make_moves_durable(const Node& folder);
  void settle_file(Node& file, Survival survival);
  void settle_folder(Node& folder, Survival survival);
  void settle_moves(Survival survival);
  static void forget_users(Node& file);
  bool survives(Survival survival, size_t place, size_t prefix);

  Random random_;
  NodePtr root_;
  std::vector<std::weak_ptr<Node>> nodes_;
  /// From folder to folder, not yet durable. A file system does such a rename in one transaction
  /// of its journal: a power cut leaves one name, and a sync of either folder makes it durable.
  struct Move {
    NodePtr from;
    std::string old_name;
    NodePtr to;
    std::string new_name;
    NodePtr node;

    void settle() const;
  };
  std::vector<Move> moves_;
  std::map<std::string, int> holds_;  ///< -1 alone, else how many
  std::string vfs_name_;
  struct Vfs;
  std::unique_ptr<Vfs> vfs_;

  uint64_t steps_ = 0;
  uint64_t crash_at_ = std::numeric_limits<uint64_t>::max();
  uint64_t fault_at_ = std::numeric_limits<uint64_t>::max();
  Fault fault_ = Fault::kNone;
  uint64_t capacity_ = std::numeric_limits<uint64_t>::max();
  bool is_down_ = false;
  bool has_failed_ = false;
  bool is_verbose_ = false;
  uint64_t trace_ = 0;
  double kept_share_ = 0.5;
  std::string ignored_syncs_;
  std::string kept_removed_;
  std::map<std::string, std::string> removed_;

  friend class SimHold;
};

/// A file or a folder.
struct SimDisk::Node {
  /// A write, or a new size where `is_truncation`.
  struct Write {
    uint64_t offset = 0;
    std::string bytes = {};
    bool is_truncation = false;
  };
  /// Names that change together, as a rename does; null: the name goes.
  struct NameChange {
    std::vector<std::pair<std::string, NodePtr>> names;
  };

  std::string path;  ///< where it was made; for messages
  bool is_folder = false;
  bool is_unnamed = false;  ///< a file of SQLite's own that nobody finds again

  std::string bytes;           ///< as seen
  std::string durable;         ///< as it was at the last sync
  std::vector<Write> pending;  ///< since then
  std::vector<Write> limbo;    ///< of a sync that failed: no later one makes them durable

  std::map<std::string, NodePtr> names;
  std::map<std::string, NodePtr> durable_names;
  std::vector<NameChange> pending_names;

  int64_t changed = 0;

  // SQLite's locks on the file and its shared memory (sim_vfs.cc).
  int readers = 0;
  const void* writer = nullptr;  ///< who holds more than a shared lock
  bool is_pending = false;       ///< the writer waits for the readers to go
  bool is_exclusive = false;     ///< the writer is alone
  std::vector<std::unique_ptr<char[]>> shared_memory;
  int shared_memory_users = 0;
  int shm_readers[8] = {};
  const void* shm_writer[8] = {};
};

}  // namespace purvey::simulation
