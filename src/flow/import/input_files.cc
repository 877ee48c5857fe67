#include "flow/import/input_files.h"

#include <absl/strings/str_join.h>
#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/file.h"

namespace purvey::flow {
namespace {

namespace fs = std::filesystem;

std::string plain_name(const std::string& path) {
  std::string name = fs::path(path).filename().string();
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

bool matches(const TableSpec& table, const std::string& name, bool named) {
  return std::ranges::any_of(table.match, [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0 ||
           (named && fnmatch(("*" + pattern).c_str(), name.c_str(), 0) == 0);
  });
}

/// The table whose pattern matches; the exact pattern goes before the one that allows more in
/// front.
base::Result<std::optional<uint32_t>> find_table(const ImportMap& map, const std::string& path,
                                                 bool named) {
  const std::string name = plain_name(path);
  for (const bool loosely : {false, true}) {
    std::optional<uint32_t> found;
    for (uint32_t i = 0; i < map.tables.size() && (!loosely || named); ++i) {
      if (!matches(map.tables[i], name, loosely)) continue;
      if (found) {
        return base::invalid_input(
            fmt::format("{}: matches both [file.{}] and [file.{}] of {}; make match narrower", path,
                        map.tables[*found].name, map.tables[i].name, map.file));
      }
      found = i;
    }
    if (found) return found;
  }
  if (named && map.tables.size() == 1) return std::optional<uint32_t>(0);
  return std::optional<uint32_t>();
}

std::string all_patterns(const ImportMap& map) {
  std::vector<std::string> patterns;
  for (const TableSpec& table : map.tables) {
    patterns.insert(patterns.end(), table.match.begin(), table.match.end());
  }
  return absl::StrJoin(patterns, ", ");
}

base::Result<void> add_file(const ImportMap& map, const std::string& path, bool named,
                            InputFiles& found) {
  const auto table = PURVEY_TRY(find_table(map, path, named));
  if (!table) {
    if (named) {
      return base::invalid_input(fmt::format("{}: no [file] of {} matches this name; it knows {}",
                                             path, map.file, all_patterns(map)));
    }
    found.ignored.push_back(path);
    return {};
  }
  std::error_code failed;
  const auto size = fs::is_regular_file(path, failed) ? fs::file_size(path, failed) : 0;
  found.files.push_back({path, *table, failed ? 0 : size});
  return {};
}

base::Result<void> add_folder(const ImportMap& map, const std::string& folder, InputFiles& found) {
  std::error_code failed;
  std::vector<std::string> paths;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    std::error_code ignored;
    if (!hidden && !at->is_directory(ignored)) paths.push_back(at->path().string());
  }
  if (failed) return base::read_error(folder, "cannot be read", failed.value());
  std::ranges::sort(paths);
  for (const auto& path : paths) PURVEY_TRY(add_file(map, path, false, found));
  return {};
}

}  // namespace

base::Result<InputFiles> find_input_files(const ImportMap& map,
                                          const std::vector<std::string>& inputs) {
  InputFiles found;
  for (const auto& input : inputs) {
    std::error_code failed;
    const auto status = fs::status(input, failed);
    if (!fs::exists(status)) return base::not_found(fmt::format("{}: no such file", input));
    PURVEY_TRY(fs::is_directory(status) ? add_folder(map, input, found)
                                        : add_file(map, input, true, found));
  }
  std::ranges::sort(found.files, [](const InputFile& left, const InputFile& right) {
    return std::tie(left.table, left.path) < std::tie(right.table, right.path);
  });
  const auto twice = std::ranges::adjacent_find(found.files, {}, &InputFile::path);
  if (twice != found.files.end()) {
    return base::invalid_input(fmt::format("{}: is named twice", twice->path));
  }
  if (found.files.size() > RowId::kFilesMax) {
    return base::exhausted(
        fmt::format("{} files; one import takes at most {}", found.files.size(), RowId::kFilesMax));
  }
  for (uint32_t i = 0; i < map.tables.size(); ++i) {
    const TableSpec& table = map.tables[i];
    const bool there =
        std::ranges::any_of(found.files, [&](const InputFile& file) { return file.table == i; });
    if (there || table.optional) continue;
    return base::invalid_input(
        fmt::format("{}:{}: [file.{}] has no file ({}); name one, or write optional = true",
                    map.file, table.line, table.name, absl::StrJoin(table.match, ", ")));
  }
  return found;
}

}  // namespace purvey::flow
