#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace purvey::base {

/// What a path leads to.
struct PathStatus {
  uint64_t bytes = 0;      ///< of a file
  int64_t changed_ns = 0;  ///< the system's time of the last change
  bool is_folder = false;
};

/// A file mapped into memory, as long as this lives; it starts at a multiple of 16 bytes.
class MappedFile {
 public:
  virtual ~MappedFile() = default;
  virtual std::string_view bytes() const = 0;
};

/// A claim on a file while it lives, or until its process ends in whatever way.
class FileHold {
 public:
  virtual ~FileHold() = default;
};

enum class Holding : uint8_t { kAlone, kShared };

/// What the store of a data folder does with files, so that a test can bring a disk that forgets,
/// tears and fills up (tests/simulation). Whatever has to survive a power cut goes through here or
/// through SQLite, which finds the same disk by the name sqlite_vfs().
///
/// A write is durable after sync() of the file, and a name that was made, changed or removed after
/// sync() of its folder. Thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;

  /// That of this machine.
  static Disk& system();

  /// Visits the bytes of a file in order, piece by piece, until the visit says false. Errors: as
  /// read_error() of base/file.h.
  using Visit = std::function<bool(std::string_view piece)>;
  virtual Result<void> read(const std::string& path, const Visit& visit) = 0;
  /// Errors: as read(); kCorrupt if there is nothing in it.
  virtual Result<std::unique_ptr<MappedFile>> map(const std::string& path) = 0;
  /// Nothing where there is nothing. Errors: kUnavailable.
  virtual Result<std::optional<PathStatus>> status(const std::string& path) = 0;
  /// The names in a folder, sorted. Errors: kNotFound, kUnavailable.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// Whether files can be made in a folder.
  virtual bool can_write(const std::string& folder) = 0;

  /// Makes a file, or empties it, and writes `bytes`; `mode` are the permission bits. Errors:
  /// kUnavailable, kNotFound without its folder.
  virtual Result<void> write(const std::string& path, std::string_view bytes, unsigned mode) = 0;
  /// Of a file or a folder. Errors: kNotFound, kUnavailable: what was written is then lost, and
  /// another sync() would not say so.
  virtual Result<void> sync(const std::string& path) = 0;
  /// Several at once, so that the waits overlap. Errors: of the first that fails.
  virtual Result<void> sync_all(std::span<const std::string> paths) = 0;
  /// In the place of what stands there. Errors: kNotFound, kUnavailable.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Also where there is nothing. Errors: kUnavailable.
  virtual Result<void> remove(const std::string& path) = 0;
  /// With those above it; true if `folder` was not there. Errors: kUnavailable.
  virtual Result<bool> make_folders(const std::string& folder) = 0;

  /// Makes the file if need be. A shared hold on a file that is missing and may not be made holds
  /// nothing. Errors: kConflict while somebody else holds it otherwise; kUnavailable.
  virtual Result<std::unique_ptr<FileHold>> hold(const std::string& path, Holding holding) = 0;

  /// The sqlite3_vfs of this disk, by name; null: SQLite's own.
  virtual const char* sqlite_vfs() const = 0;
};

}  // namespace purvey::base
