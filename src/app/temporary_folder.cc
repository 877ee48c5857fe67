#include "app/temporary_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace purvey::app {
namespace {

void remove_folder(const std::string& path) {
  std::error_code ignored;  // nobody is left to be told
  std::filesystem::remove_all(path, ignored);
}

/// Until the other end of the pipe closes, however that comes; then removes the folder.
[[noreturn]] void guard(const std::string& path, int pipe_end) {
  // What ends the guarded process, a key or a service manager, must not end this one first.
  setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(signal, SIG_IGN);
  // Open files would keep locks, and whoever reads the other's output waiting.
  dup2(pipe_end, STDIN_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) continue;
  remove_folder(path);
  _exit(0);
}

}  // namespace

base::Result<TemporaryFolder> TemporaryFolder::make() {
  const char* const parent = std::getenv("TMPDIR");
  std::string path = fmt::format("{}/purvey-XXXXXX", parent != nullptr ? parent : "/tmp");
  if (mkdtemp(path.data()) == nullptr) {
    return base::unavailable(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  TemporaryFolder folder;
  folder.path_ = std::move(path);
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) == 0) folder.guard_ = fork();
  if (folder.guard_ == 0 && ends[0] >= 0) guard(folder.path_, ends[0]);
  close(ends[0]);
  folder.alive_ = ends[1];
  if (folder.guard_ > 0) return folder;
  return base::unavailable(
      fmt::format("{}: cannot be guarded: {}", folder.path_, std::strerror(errno)));
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  remove_folder(path_);
  if (alive_ >= 0) close(alive_);
  if (guard_ <= 0) return;
  kill(guard_, SIGKILL);
  while (waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace purvey::app
