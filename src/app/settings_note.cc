#include "app/settings_note.h"

#include <filesystem>

#include "base/file.h"

namespace purvey::app {
namespace {

constexpr size_t kPathBytesMax = 8192;
constexpr unsigned kMode = 0644;

std::string note_of(const std::string& folder) {
  return folder + "/settings.path";
}

}  // namespace

base::Result<void> note_settings(const std::string& folder, const Configuration& configuration,
                                 base::Disk& disk) {
  const std::string path =
      configuration.file.empty()
          ? ""
          : std::filesystem::absolute(configuration.file).lexically_normal().string();
  const auto noted = base::read_file(note_of(folder), kPathBytesMax, disk);
  if (noted && *noted == path + "\n") return {};
  return base::write_file(note_of(folder), path + "\n", kMode, disk);
}

base::Result<Configuration> noted_settings(const std::string& folder) {
  auto path = PURVEY_TRY(base::read_file(note_of(folder), kPathBytesMax));
  while (path.ends_with('\n')) path.pop_back();
  return load_configuration(path.empty() ? std::nullopt : std::optional(path));
}

}  // namespace purvey::app
