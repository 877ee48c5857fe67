#include "sim_vfs.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>

#include "base/check.h"
#include "sim_disk.h"

namespace purvey::simulation {
namespace {

constexpr int kSectorSize = 4096;
constexpr int kPathMax = 512;

SimDisk& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<SimDisk*>(vfs->pAppData);
}

/// An open file; lives in memory that SQLite gives.
struct Open : sqlite3_file {
  SimDisk* disk = nullptr;
  SimDisk::NodePtr file;
  std::string path;
  int lock = SQLITE_LOCK_NONE;
  bool syncs_folder = false;  ///< at the first sync
  bool deletes_itself = false;
  bool has_shared_memory = false;
};

Open& open_of(sqlite3_file* file) {
  return *static_cast<Open*>(file);
}

int code_of(int number, int otherwise) {
  return number == 0 ? SQLITE_OK : number == ENOSPC ? SQLITE_FULL : otherwise;
}

// --- of a file ---

int unlock(sqlite3_file* at, int level);

int close_file(sqlite3_file* at) {
  Open& open = open_of(at);
  unlock(at, SQLITE_LOCK_NONE);
  if (open.deletes_itself) open.disk->remove_path(open.path);
  open.~Open();
  return SQLITE_OK;
}

int read_file(sqlite3_file* at, void* to, int count, sqlite3_int64 offset) {
  Open& open = open_of(at);
  if (open.disk->is_down()) return SQLITE_IOERR_READ;
  const std::string& bytes = open.file->bytes;
  const auto begin = std::min<size_t>(static_cast<size_t>(offset), bytes.size());
  const size_t there = std::min(static_cast<size_t>(count), bytes.size() - begin);
  std::memcpy(to, bytes.data() + begin, there);
  if (there == static_cast<size_t>(count)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, static_cast<size_t>(count) - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* at, const void* from, int count, sqlite3_int64 offset) {
  Open& open = open_of(at);
  const std::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(count));
  return code_of(open.disk->write_at(*open.file, static_cast<uint64_t>(offset), bytes),
                 SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* at, sqlite3_int64 size) {
  Open& open = open_of(at);
  return code_of(open.disk->truncate(*open.file, static_cast<uint64_t>(size)),
                 SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* at, int /*flags*/) {
  Open& open = open_of(at);
  const int synced = open.disk->sync_node(*open.file);
  if (synced != 0) return SQLITE_IOERR_FSYNC;
  if (!open.syncs_folder) return SQLITE_OK;
  open.syncs_folder = false;
  // As in SQLite's own VFS: where the name cannot be made durable, nobody is told.
  static_cast<void>(open.disk->sync_folder_of(open.path));
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* at, sqlite3_int64* size) {
  Open& open = open_of(at);
  if (open.disk->is_down()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(open.file->bytes.size());
  return SQLITE_OK;
}

/// SQLite's five levels: any number share; one of them may reserve the right to write; to write to
/// the file it waits for the others to go.
int lock(sqlite3_file* at, int level) {
  Open& open = open_of(at);
  SimDisk::Node& file = *open.file;
  if (level <= open.lock) return SQLITE_OK;
  const bool is_mine = file.writer == &open;
  if (level == SQLITE_LOCK_SHARED) {
    if (file.is_pending || file.is_exclusive) return SQLITE_BUSY;
    ++file.readers;
    open.lock = level;
    return SQLITE_OK;
  }
  if (file.writer != nullptr && !is_mine) return SQLITE_BUSY;
  file.writer = &open;
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    file.is_pending = true;
    open.lock = SQLITE_LOCK_PENDING;
    if (file.readers > 1) return SQLITE_BUSY;
    file.is_exclusive = true;
  }
  open.lock = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* at, int level) {
  Open& open = open_of(at);
  SimDisk::Node& file = *open.file;
  if (open.lock <= level) return SQLITE_OK;
  if (file.writer == &open) {
    file.writer = nullptr;
    file.is_pending = file.is_exclusive = false;
  }
  if (level == SQLITE_LOCK_NONE) --file.readers;
  open.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* at, int* is_reserved) {
  *is_reserved = open_of(at).file->writer != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int control(sqlite3_file* /*at*/, int /*what*/, void* /*argument*/) {
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file* /*at*/) {
  return kSectorSize;
}

int characteristics(sqlite3_file* /*at*/) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// --- memory that connections to one file share ---

int map_shared(sqlite3_file* at, int region, int size, int make, void volatile** memory) {
  Open& open = open_of(at);
  SimDisk::Node& file = *open.file;
  if (!open.has_shared_memory) {
    open.has_shared_memory = true;
    ++file.shared_memory_users;
  }
  *memory = nullptr;
  const auto place = static_cast<size_t>(region);
  while (make != 0 && file.shared_memory.size() <= place) {
    file.shared_memory.push_back(std::make_unique<char[]>(static_cast<size_t>(size)));
  }
  if (place < file.shared_memory.size()) *memory = file.shared_memory[place].get();
  return SQLITE_OK;
}

int lock_shared(sqlite3_file* at, int first, int count, int flags) {
  Open& open = open_of(at);
  SimDisk::Node& file = *open.file;
  const bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
  const bool is_lock = (flags & SQLITE_SHM_LOCK) != 0;
  for (int i = first; is_lock && i < first + count; ++i) {
    if (file.shm_writer[i] != nullptr && file.shm_writer[i] != &open) return SQLITE_BUSY;
    if (!is_shared && file.shm_readers[i] > 0) return SQLITE_BUSY;
  }
  for (int i = first; i < first + count; ++i) {
    if (is_shared) {
      file.shm_readers[i] += is_lock ? 1 : -1;
    } else {
      file.shm_writer[i] = is_lock ? &open : nullptr;
    }
  }
  return SQLITE_OK;
}

void barrier(sqlite3_file* /*at*/) {}

int unmap_shared(sqlite3_file* at, int /*is_deleted*/) {
  Open& open = open_of(at);
  if (!open.has_shared_memory) return SQLITE_OK;
  open.has_shared_memory = false;
  // Who opens the file next reads its log anew.
  if (--open.file->shared_memory_users == 0) open.file->shared_memory.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

// --- of the disk ---

int open_path(sqlite3_vfs* vfs, const char* name, sqlite3_file* at, int flags, int* flags_out) {
  at->pMethods = nullptr;
  SimDisk& disk = disk_of(vfs);
  SimDisk::NodePtr file;
  if (name == nullptr) {
    file = disk.make_unnamed();
  } else {
    const int code = disk.open_file(name, (flags & SQLITE_OPEN_CREATE) != 0, file);
    if (code != 0) return code == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN;
  }
  auto* const open = new (at) Open();
  open->disk = &disk;
  open->file = std::move(file);
  open->path = name == nullptr ? "" : name;
  constexpr int kLogs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  open->syncs_folder = (flags & kLogs) != 0 && (flags & SQLITE_OPEN_CREATE) != 0;
  open->deletes_itself = name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  open->pMethods = &kMethods;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int delete_path(sqlite3_vfs* vfs, const char* name, int syncs_folder) {
  SimDisk& disk = disk_of(vfs);
  const int code = disk.remove_path(name);
  if (code == ENOENT) return SQLITE_IOERR_DELETE_NOENT;
  if (code != 0) return SQLITE_IOERR_DELETE;
  if (syncs_folder == 0) return SQLITE_OK;
  return disk.sync_folder_of(name) == 0 ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int has_access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* result) {
  *result = disk_of(vfs).exists_with_bytes(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int count, char* out) {
  for (int i = 0; i < count; ++i) out[i] = static_cast<char>(disk_of(vfs).random().next());
  return count;
}

int wait(sqlite3_vfs* /*vfs*/, int micros) {
  return micros;  // nobody else runs meanwhile
}

int current_time(sqlite3_vfs* /*vfs*/, sqlite3_int64* milliseconds) {
  *milliseconds = 0;  // asked for by SQL functions of time alone
  return SQLITE_OK;
}

int last_error(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*out*/) {
  return 0;
}

}  // namespace

SimVfs::SimVfs(SimDisk& disk) : name_(disk.sqlite_vfs()) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(Open);
  vfs_.mxPathname = kPathMax;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = &disk;
  vfs_.xOpen = open_path;
  vfs_.xDelete = delete_path;
  vfs_.xAccess = has_access;
  vfs_.xFullPathname = full_path;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = wait;
  vfs_.xGetLastError = last_error;
  vfs_.xCurrentTimeInt64 = current_time;
  // The default one, too: SQLite draws its random numbers from there, and begins anew.
  PURVEY_CHECK(sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK, "SQLite takes no VFS");
  sqlite3_randomness(0, nullptr);
}

SimVfs::~SimVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

}  // namespace purvey::simulation
