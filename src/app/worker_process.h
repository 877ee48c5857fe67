#pragma once

#include <functional>

namespace purvey::app {

/// The status of a worker that is to be started again.
inline constexpr int kStartAgain = 75;

/// Runs `work` in a child process and gives its exit status; a child that was killed, or that ended
/// with kStartAgain, is started again after a short wait, at most five times in ten minutes.
/// SIGTERM and SIGINT are passed on, and end it for good; SIGHUP is passed on. The child dies with
/// the parent.
///
/// To be called before any thread is started.
int run_worker(const std::function<int()>& work);

}  // namespace purvey::app
