#include "serve/internal/secret_file.h"

#include <fmt/core.h>
#include <sys/stat.h>

namespace purvey::serve {

base::Result<void> check_owner_only(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return base::unavailable(path + ": cannot be looked at");
  if ((status.st_mode & 077) == 0) return {};
  return base::invalid_input(
      fmt::format("{}: others may read it (mode {:04o}); write `chmod 600 {}`", path,
                  static_cast<unsigned>(status.st_mode & 07777), path));
}

}  // namespace purvey::serve
