#include "app/worker_process.h"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <thread>

#include "app/console.h"

namespace purvey::app {
namespace {

using std::chrono::steady_clock;

constexpr size_t kRestartsMax = 5;
constexpr std::chrono::minutes kWithin{10};
constexpr std::chrono::milliseconds kPause{200};

volatile std::sig_atomic_t worker = 0;  ///< its process id, while there is one
volatile std::sig_atomic_t stopping = 0;

void pass_on(int signal) {
  if (signal != SIGHUP) stopping = 1;
  if (worker > 0) kill(static_cast<pid_t>(worker), signal);
}

void on_stop(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaction(signal, &action, nullptr);
}

/// The status of one child, as waitpid() gives it.
int run_once(const std::function<int()>& work) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    on_stop(SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent may have gone before that took effect.
    _exit(getppid() == parent ? work() : kOutsideFailed);
  }
  if (child < 0) {
    fmt::print(stderr, "purvey: no process can be started: {}\n", std::strerror(errno));
    return kOutsideFailed << 8;
  }
  worker = child;
  if (stopping != 0) kill(child, SIGTERM);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  worker = 0;
  return status;
}

/// Whether another start is within the limit; notes it.
bool may_start_again(std::deque<steady_clock::time_point>& starts) {
  const auto now = steady_clock::now();
  while (!starts.empty() && now - starts.front() > kWithin) starts.pop_front();
  if (starts.size() >= kRestartsMax) return false;
  starts.push_back(now);
  return true;
}

}  // namespace

int run_worker(const std::function<int()>& work) {
  on_stop(pass_on);
  std::deque<steady_clock::time_point> starts;
  for (;;) {
    const int status = run_once(work);
    const bool killed = WIFSIGNALED(status);
    const bool again = killed || WEXITSTATUS(status) == kStartAgain;
    if (!again) return WEXITSTATUS(status);
    if (stopping != 0) return kOutsideFailed;
    const std::string how =
        killed ? fmt::format("was killed by signal {}", WTERMSIG(status)) : "ended in an error";
    if (!may_start_again(starts)) {
      fmt::print(stderr, "purvey: the server {}, {} times in ten minutes: giving up\n", how,
                 kRestartsMax + 1);
      return kOutsideFailed;
    }
    fmt::print(stderr, "purvey: the server {}; starting it again\n", how);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace purvey::app
