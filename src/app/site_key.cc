#include "app/site_key.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/file.h"

namespace purvey::app {

base::Result<event::Pseudonymizer::Key> load_site_key(
    const std::string& folder, bool is_new, base::Disk& disk,
    const std::function<event::Pseudonymizer::Key()>& new_key) {
  const std::string path = folder + "/site.key";
  const auto bytes = base::read_file(path, 1024, disk);
  event::Pseudonymizer::Key key{};
  if (bytes) {
    if (bytes->size() != key.size()) {
      return base::corrupt(fmt::format("{}: {} bytes instead of {}; put the right file back", path,
                                       bytes->size(), key.size()));
    }
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
  }
  if (bytes.error().code != base::ErrorCode::kNotFound) return bytes.error();
  if (!is_new) {
    return base::not_found(fmt::format(
        "{}: missing, but the folder has events whose pseudonyms it made; put the file back",
        path));
  }
  key = new_key();
  PURVEY_TRY(
      base::write_file(path, {reinterpret_cast<const char*>(key.data()), key.size()}, 0600, disk));
  return key;
}

}  // namespace purvey::app
