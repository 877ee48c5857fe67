#pragma once

#include <future>
#include <string>
#include <string_view>

#include "base/result.h"

namespace purvey::base {

/// A file that appears whole or not at all: written without a name in its folder (under a temporary
/// one where the file system needs it), named by commit(); gone if that never comes, also after a
/// crash. Bytes go to the file by a thread behind. To be used by one thread.
///
/// What is no regular file (a pipe, `/dev/null`) is written to as it is and never replaced.
class WholeFile {
 public:
  explicit WholeFile(std::string path) : path_(std::move(path)) {}
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  /// Errors: kUnavailable.
  Result<void> open();
  Result<void> write(std::string_view bytes);
  /// Makes what was written so far durable, so that commit() only has to name it: for files that
  /// are to appear together.
  Result<void> sync();
  /// Makes it durable and gives it its name.
  Result<void> commit();

 private:
  Result<void> flush_behind();
  Result<void> wait();
  Result<void> write_out(std::string_view bytes);
  Result<void> give_temporary_name();
  Error failed(std::string_view what) const;

  const std::string path_;
  std::string temporary_;
  std::string buffer_;
  std::string leaving_;  ///< owned by the thread behind
  std::future<Result<void>> behind_;
  int file_ = -1;
  bool is_special_ = false;  ///< a device or pipe: written to directly
  bool has_name_ = false;    ///< temporary_ stands in the folder
};

/// The folder that holds `path`.
std::string folder_of(const std::string& path);

}  // namespace purvey::base
