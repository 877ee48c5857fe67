#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace purvey::app {

/// One line on standard error that is drawn anew as work goes on: how much is done, how fast, how
/// long it takes yet. Shows nothing within the first two seconds, or where nobody reads standard
/// error, or if `enabled` is false.
class ProgressBar {
 public:
  /// `unit`: what `done` counts besides bytes, as "events".
  ProgressBar(std::string what, std::string unit, bool enabled);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `bytes` of `total` (0: unknown) and `count` units are done. Cheap; from one thread at a time.
  void update(uint64_t bytes, uint64_t total, uint64_t count);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string what_;
  const std::string unit_;
  const bool enabled_;
  const Clock::time_point begun_;
  Clock::time_point drawn_;
  bool shown_ = false;
};

}  // namespace purvey::app
