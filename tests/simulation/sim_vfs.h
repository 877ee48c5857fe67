#pragma once

#include <sqlite3.h>

#include <string>

namespace purvey::simulation {

class SimDisk;

/// A SimDisk as SQLite sees it, registered under its name while this lives. It behaves as SQLite's
/// own VFS of Unix does where that matters after a power cut: the first sync of a new log makes its
/// name durable too, and writes do not spill over into bytes beside them.
class SimVfs {
 public:
  explicit SimVfs(SimDisk& disk);
  ~SimVfs();
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;

 private:
  std::string name_;
  sqlite3_vfs vfs_{};
};

}  // namespace purvey::simulation
