#include "app/temporary_folder.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace purvey::app {

base::Result<TemporaryFolder> TemporaryFolder::make() {
  const char* const parent = std::getenv("TMPDIR");
  std::string path = fmt::format("{}/purvey-XXXXXX", parent != nullptr ? parent : "/tmp");
  if (mkdtemp(path.data()) == nullptr) {
    return base::unavailable(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  TemporaryFolder folder;
  folder.path_ = std::move(path);
  return folder;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace purvey::app
