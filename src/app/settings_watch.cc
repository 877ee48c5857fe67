#include "app/settings_watch.h"

#include <fmt/core.h>
#include <sys/stat.h>

namespace purvey::app {

SettingsWatch::SettingsWatch(std::optional<std::string> path)
    : path_(std::move(path)), taken_(stamp()), seen_(taken_) {}

SettingsWatch::Stamp SettingsWatch::stamp() const {
  struct stat file{};
  if (!path_ || stat(path_->c_str(), &file) != 0) return {};
  return {static_cast<int64_t>(file.st_dev), static_cast<int64_t>(file.st_ino), file.st_size,
          file.st_mtim.tv_sec * 1'000'000'000 + file.st_mtim.tv_nsec,
          file.st_ctim.tv_sec * 1'000'000'000 + file.st_ctim.tv_nsec};
}

std::optional<Configuration> SettingsWatch::look(bool asked) {
  if (!path_) {
    if (asked) fmt::print(stderr, "purvey: there is no settings file to read again\n");
    return std::nullopt;
  }
  const Stamp now = stamp();
  const bool is_quiet = now == seen_;
  seen_ = now;
  if (!asked && (!is_quiet || now == taken_)) return std::nullopt;
  taken_ = now;
  auto configuration = load_configuration(path_);
  if (!configuration) {
    refuse(configuration.error().message);
    return std::nullopt;
  }
  refused_ = false;
  return *std::move(configuration);
}

void SettingsWatch::refuse(const std::string& why) {
  refused_ = true;
  fmt::print(stderr, "{}\npurvey: {} is refused; the settings from before stay in force\n", why,
             path_.value_or(""));
}

}  // namespace purvey::app
