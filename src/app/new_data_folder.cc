#include "app/new_data_folder.h"

#include <filesystem>

#include "store/depot/store.h"

namespace purvey::app {
namespace {

bool is_missing(const std::string& path) {
  std::error_code failed;
  return std::filesystem::symlink_status(path, failed).type() ==
         std::filesystem::file_type::not_found;
}

}  // namespace

NewDataFolder::NewDataFolder(std::string folder)
    : folder_(std::move(folder)), was_missing_(is_missing(folder_)) {}

NewDataFolder::~NewDataFolder() {
  if (!is_mine_) return;
  // After an error only a store that is opened anew can tell what holds; it keeps others out, too.
  const auto store = store::depot::Store::open({.folder = folder_, .read_only = true});
  if (!store || (*store)->next_seq() != 1) return;
  std::error_code ignored;  // the first error is the one to tell
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace purvey::app
