#include "app/input_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/file_hash.h"

namespace purvey::app {
namespace {

constexpr uint64_t kHead = 1U << 20;

/// The known file with this content, if there is one.
base::Result<std::optional<store::KnownFile>> find_known(const std::string& path,
                                                         const InputFile& file,
                                                         store::depot::Store& store) {
  const auto similar = PURVEY_TRY(store.find_file(file.size, file.head_hash));
  if (!similar) return std::optional<store::KnownFile>();
  const auto whole = PURVEY_TRY(base::hash_file(path, file.size));
  return store.known_fingerprint(whole.hash);
}

/// Sources of a known file that were purged.
base::Result<std::vector<std::string>> purged_sources(const store::KnownFile& known,
                                                      store::depot::Store& store) {
  std::vector<std::string> purged;
  for (const store::KnownFile& file : PURVEY_TRY(store.known_files())) {
    if (!(file.fingerprint == known.fingerprint)) continue;
    for (const store::SourceCount& count : file.sources) {
      if (count.purged) purged.push_back(count.source);
    }
  }
  return purged;
}

/// Whether a file of the same content is among `files`.
base::Result<const InputFile*> find_twin(const InputFile& file,
                                         const std::vector<InputFile>& files) {
  for (const InputFile& other : files) {
    if (other.size != file.size || !(other.head_hash == file.head_hash)) continue;
    const auto mine = PURVEY_TRY(base::hash_file(file.name, file.size));
    const auto its = PURVEY_TRY(base::hash_file(other.name, other.size));
    if (mine.hash == its.hash) return &other;
  }
  return nullptr;
}

}  // namespace

base::Result<void> check_input(const std::string& path) {
  std::error_code failed;
  const auto type = std::filesystem::status(path, failed).type();
  if (type != std::filesystem::file_type::regular && std::filesystem::exists(path, failed) &&
      type != std::filesystem::file_type::directory) {
    return {};
  }
  PURVEY_TRY(base::open_byte_source(path));
  return {};
}

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
      const auto head = PURVEY_TRY(base::hash_file(path, std::min<uint64_t>(file.size, kHead)));
      file.head_hash = head.hash;
      if (const auto old = PURVEY_TRY(find_known(path, file, store))) {
        known.push_back({path, old->name, old->events, PURVEY_TRY(purged_sources(*old, store))});
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
                                          const flow::FileEvents& events,
                                          const base::Dictionary& names, const TakenIn& taken_in) {
  const auto counts = events.events_by_source();
  std::vector<store::KnownFile> known;
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].size == 0) continue;  // a pipe, or an empty file: nothing to be known by
    known.push_back({.fingerprint = files[i].bytes->fingerprint(),
                     .size = files[i].bytes->raw_bytes(),
                     .head_hash = files[i].head_hash,
                     .name = files[i].name,
                     .path = std::filesystem::absolute(files[i].name).lexically_normal().string(),
                     .received = taken_in.received,
                     .next_record = taken_in.next_record});
    for (const auto& [source, count] : counts[i]) {
      known.back().events += count;
      known.back().sources.push_back({.source = std::string(names.text(source)), .events = count});
    }
  }
  return known;
}

}  // namespace purvey::app
