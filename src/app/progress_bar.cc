#include "app/progress_bar.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/console.h"

namespace purvey::app {
namespace {

constexpr auto kQuietFor = std::chrono::seconds(2);
constexpr auto kEvery = std::chrono::milliseconds(200);
constexpr size_t kWidth = 24;

std::string bar(double share) {
  const auto full = static_cast<size_t>(share * kWidth);
  return "[" + std::string(full, '#') + std::string(kWidth - full, '.') + "]";
}

std::string clock_time(double seconds) {
  const auto whole = static_cast<uint64_t>(std::lround(seconds));
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

ProgressBar::ProgressBar(std::string what, std::string unit, bool enabled)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      enabled_(enabled && errors_are_terminal()),
      begun_(Clock::now()),
      drawn_(begun_) {}

ProgressBar::~ProgressBar() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

void ProgressBar::update(uint64_t bytes, uint64_t total, uint64_t count) {
  if (!enabled_) return;
  const auto now = Clock::now();
  if (now - begun_ < kQuietFor || now - drawn_ < kEvery) return;
  drawn_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  std::string line = what_ + " ";
  if (total > 0) {
    const double share = std::min(static_cast<double>(bytes) / static_cast<double>(total), 1.0);
    line += fmt::format("{} {:3.0f} %", bar(share), share * 100);
    if (share > 0) line += fmt::format("  {} left", clock_time(seconds / share - seconds));
  } else {
    line += fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6);
  }
  if (count > 0) {
    const auto rate = static_cast<uint64_t>(static_cast<double>(count) / seconds);
    line += fmt::format("  {} {}, {}/s", with_commas(count), unit_, with_commas(rate));
  }
  fmt::print(stderr, "\r\033[K{}", line);
  std::fflush(stderr);
}

}  // namespace purvey::app
