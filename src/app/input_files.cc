#include "app/input_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

namespace purvey::app {
namespace {

constexpr size_t kHead = 1U << 20;

/// Hash of the first `limit` bytes of a regular file.
base::Result<base::Hash128> hash_file(const std::string& path, uint64_t limit) {
  std::ifstream file(path, std::ios::binary);
  base::StreamHash hash;
  std::vector<char> block(kHead);
  while (limit > 0 && file) {
    file.read(block.data(), static_cast<std::streamsize>(std::min<uint64_t>(limit, block.size())));
    const auto got = static_cast<size_t>(file.gcount());
    hash.add({block.data(), got});
    limit -= got;
    if (got == 0) break;
  }
  if (file.bad()) return base::unavailable(fmt::format("{}: cannot be read", path));
  return hash.value();
}

/// The known file with this content, if there is one.
base::Result<std::optional<store::KnownFile>> find_known(const std::string& path,
                                                         const InputFile& file,
                                                         store::depot::Store& store) {
  const auto similar = PURVEY_TRY(store.find_file(file.size, file.head_hash));
  if (!similar) return std::optional<store::KnownFile>();
  const auto whole = PURVEY_TRY(hash_file(path, file.size));
  return store.known_fingerprint(whole);
}

/// Whether a file of the same content is among `files`.
base::Result<const InputFile*> find_twin(const InputFile& file,
                                         const std::vector<InputFile>& files) {
  for (const InputFile& other : files) {
    if (other.size != file.size || !(other.head_hash == file.head_hash)) continue;
    const auto mine = PURVEY_TRY(hash_file(file.name, file.size));
    const auto its = PURVEY_TRY(hash_file(other.name, other.size));
    if (mine == its) return &other;
  }
  return nullptr;
}

}  // namespace

base::Result<std::vector<InputFile>> open_new_files(const std::vector<std::string>& paths,
                                                    store::depot::Store& store,
                                                    std::vector<KnownInput>& known) {
  std::vector<InputFile> files;
  for (const std::string& path : paths) {
    InputFile file;
    file.name = path;
    auto source = PURVEY_TRY(base::open_byte_source(path));
    file.size = source->raw_size();
    if (file.size > 0) {
      file.head_hash = PURVEY_TRY(hash_file(path, std::min<uint64_t>(file.size, kHead)));
      if (const auto old = PURVEY_TRY(find_known(path, file, store))) {
        known.push_back({path, old->name, old->events});
        continue;
      }
      if (const auto* const twin = PURVEY_TRY(find_twin(file, files))) {
        known.push_back({path, twin->name, 0});
        continue;
      }
    }
    file.bytes = source.get();
    file.lines = std::make_unique<event::LineReader>(std::move(source));
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<std::unique_ptr<event::LineReader>> take_readers(std::vector<InputFile>& files) {
  std::vector<std::unique_ptr<event::LineReader>> readers;
  for (InputFile& file : files) readers.push_back(std::move(file.lines));
  return readers;
}

uint64_t total_size(const std::vector<InputFile>& files) {
  uint64_t sum = 0;
  for (const InputFile& file : files) {
    if (file.size == 0) return 0;
    sum += file.size;
  }
  return sum;
}

std::vector<store::KnownFile> known_files(const std::vector<InputFile>& files,
                                          const flow::FileEvents& events) {
  const auto counts = events.events_by_file();
  std::vector<store::KnownFile> known;
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].size == 0) continue;  // a pipe, or an empty file: nothing to be known by
    known.push_back({.fingerprint = files[i].bytes->fingerprint(),
                     .size = files[i].bytes->raw_bytes(),
                     .head_hash = files[i].head_hash,
                     .name = files[i].name,
                     .events = counts[i]});
  }
  return known;
}

}  // namespace purvey::app
