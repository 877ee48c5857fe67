#include "sim_disk.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/hash.h"
#include "sim_vfs.h"

namespace purvey::simulation {

using base::Result;

namespace {

constexpr uint64_t kSector = 512;
constexpr uint64_t kPage = 4096;
constexpr uint64_t kNameBytes = 256;  // what a name costs on a disk that fills up

base::Error error_of(const std::string& path, int code) {
  auto message = fmt::format("{}: {}", path, std::strerror(code));
  return code == ENOENT ? base::not_found(std::move(message))
                        : base::unavailable(std::move(message));
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> names;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    if (end > at) names.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

void put(std::string& bytes, const SimDisk::Node::Write& write) {
  if (write.is_truncation) return bytes.resize(write.offset);
  const size_t end = write.offset + write.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  bytes.replace(write.offset, write.bytes.size(), write.bytes);
}

void put(std::map<std::string, SimDisk::NodePtr>& names, const SimDisk::Node::NameChange& change) {
  for (const auto& [name, node] : change.names) {
    if (node) {
      names[name] = node;
    } else {
      names.erase(name);
    }
  }
}

class Copy final : public base::MappedFile {
 public:
  explicit Copy(const std::string& bytes)
      : words_(bytes.size() / sizeof(Word) + 1), size_(bytes.size()) {
    std::memcpy(words_.data(), bytes.data(), bytes.size());
  }
  std::string_view bytes() const override {
    return {reinterpret_cast<const char*>(words_.data()), size_};
  }

 private:
  struct alignas(16) Word {
    char bytes[16];
  };
  std::vector<Word> words_;
  size_t size_;
};

}  // namespace

class SimHold final : public base::FileHold {
 public:
  SimHold(SimDisk& disk, std::string path, int change)
      : disk_(disk), path_(std::move(path)), change_(change) {
    disk_.holds_[path_] += change_;
  }
  ~SimHold() override { disk_.holds_[path_] -= change_; }
  SimHold(const SimHold&) = delete;
  SimHold& operator=(const SimHold&) = delete;

 private:
  SimDisk& disk_;
  const std::string path_;
  const int change_;
};

struct SimDisk::Vfs {
  explicit Vfs(SimDisk& disk) : registered(disk) {}
  SimVfs registered;
};

SimDisk::SimDisk(uint64_t seed) : random_(seed), root_(std::make_shared<Node>()) {
  static int made = 0;
  root_->is_folder = true;
  vfs_name_ = fmt::format("simulated-{}", ++made);
  vfs_ = std::make_unique<Vfs>(*this);
}

SimDisk::~SimDisk() {
  // Folders hold each other's nodes through names that are not yet durable.
  for (const auto& weak : nodes_) {
    if (const auto node = weak.lock()) {
      node->names.clear();
      node->durable_names.clear();
      node->pending_names.clear();
    }
  }
}

uint64_t SimDisk::used() const {
  uint64_t sum = 0;
  for (const auto& weak : nodes_) {
    if (const auto node = weak.lock()) sum += node->bytes.size() + kNameBytes;
  }
  return sum;
}

bool SimDisk::has_no_room_for(uint64_t bytes) const {
  return capacity_ != std::numeric_limits<uint64_t>::max() && used() + bytes > capacity_;
}

SimDisk::NodePtr SimDisk::find(const std::string& path) const {
  NodePtr at = root_;
  for (const std::string& name : split(path)) {
    const auto found = at->names.find(name);
    if (found == at->names.end()) return nullptr;
    at = found->second;
  }
  return at;
}

SimDisk::NodePtr SimDisk::folder_of(const std::string& path) const {
  const NodePtr folder = find(path.substr(0, path.rfind('/')));
  return folder && folder->is_folder ? folder : nullptr;
}

int SimDisk::step(std::string_view what, const std::string& path, uint64_t amount) {
  if (is_down_) return EIO;
  ++steps_;
  trace_ = base::mix64(base::mix64(trace_, base::hash64(path, base::hash64(what))), amount);
  if (is_verbose_) {
    fmt::print(stderr, "{:6} {} {}{}\n", steps_, what, path,
               amount > 0 ? fmt::format(" ({} bytes)", amount) : "");
  }
  if (steps_ >= crash_at_) {
    is_down_ = true;
    crash_at_ = std::numeric_limits<uint64_t>::max();
    return EIO;
  }
  if (steps_ >= fault_at_) {
    fault_at_ = std::numeric_limits<uint64_t>::max();
    has_failed_ = true;
    return fault_ == Fault::kFullDisk ? ENOSPC : EIO;
  }
  return 0;
}

// --- files ---

int SimDisk::open_file(const std::string& path, bool make, NodePtr& file) {
  if (is_down_) return EIO;
  file = find(path);
  if (file) return file->is_folder ? EISDIR : 0;
  if (!make) return ENOENT;
  const NodePtr folder = folder_of(path);
  if (!folder) return ENOENT;
  const int code = has_no_room_for(1) ? ENOSPC : step("make", path);
  if (code != 0 && !is_down_) return code;
  auto fresh = std::make_shared<Node>();
  fresh->path = path;
  nodes_.push_back(fresh);
  change_name(*folder, {{name_of(path), fresh}});
  if (code != 0) return code;  // the power went: the name may be there afterwards
  file = std::move(fresh);
  return 0;
}

SimDisk::NodePtr SimDisk::make_unnamed() {
  auto node = std::make_shared<Node>();
  node->is_unnamed = true;
  return node;
}

int SimDisk::begin_write(Node& file, uint64_t offset, std::string_view bytes) {
  if (file.is_unnamed) return 0;
  if (is_down_) return EIO;
  const uint64_t end = offset + bytes.size();
  const uint64_t more = end > file.bytes.size() ? end - file.bytes.size() : 0;
  if (more > 0 && has_no_room_for(more)) {
    static_cast<void>(step("no room for", file.path, bytes.size()));
    return is_down_ ? EIO : ENOSPC;
  }
  return step("write", file.path, bytes.size());
}

int SimDisk::write_at(Node& file, uint64_t offset, std::string_view bytes) {
  const bool was_down = is_down_;
  const int code = begin_write(file, offset, bytes);
  if (was_down || (code == ENOSPC && !is_down_)) return code;
  // A write that meets an error or the end of the power may have been done in part.
  if (code != 0) bytes = bytes.substr(0, random_.below(bytes.size() + 1));
  Node::Write write{.offset = offset, .bytes = std::string(bytes)};
  put(file.bytes, write);
  file.changed = static_cast<int64_t>(steps_);
  if (!file.is_unnamed) file.pending.push_back(std::move(write));
  return code;
}

int SimDisk::truncate(Node& file, uint64_t size) {
  if (file.is_unnamed) {
    file.bytes.resize(size);
    return 0;
  }
  const bool was_down = is_down_;
  const int code = step("truncate", file.path, size);
  if (was_down || (code != 0 && !is_down_)) return code;
  Node::Write write{.offset = size, .is_truncation = true};
  put(file.bytes, write);
  file.changed = static_cast<int64_t>(steps_);
  file.pending.push_back(std::move(write));
  return code;
}

int SimDisk::sync_node(Node& node) {
  if (node.is_unnamed) return 0;
  if (is_down_) return EIO;
  const int code = step("sync", node.path);
  if (code != 0) {
    // Names come with the journal of the file system, which does not take a failure for success.
    if (!is_down_ && !node.is_folder && fault_ == Fault::kFailedSync) {
      std::move(node.pending.begin(), node.pending.end(), std::back_inserter(node.limbo));
      node.pending.clear();
    }
    return code;
  }
  if (!ignored_syncs_.empty() &&
      (node.path + (node.is_folder ? "/" : "")).find(ignored_syncs_) != std::string::npos) {
    return 0;
  }
  if (node.is_folder) {
    for (const auto& change : node.pending_names) put(node.durable_names, change);
    node.pending_names.clear();
    make_moves_durable(node);
    return 0;
  }
  for (const auto& write : node.pending) {
    put(node.durable, write);
    // What a failed sync left undecided is over where something newer is durable.
    std::erase_if(node.limbo, [&](const Node::Write& older) {
      if (older.is_truncation) return true;  // the size is durable with what came after it
      const uint64_t end = older.offset + older.bytes.size();
      const bool is_behind = write.offset < end;
      return write.is_truncation ? is_behind
                                 : is_behind && older.offset < write.offset + write.bytes.size();
    });
  }
  node.pending.clear();
  return 0;
}

// --- names ---

void SimDisk::change_name(Node& folder, std::vector<std::pair<std::string, NodePtr>> names) {
  Node::NameChange change{std::move(names)};
  put(folder.names, change);
  folder.pending_names.push_back(std::move(change));
}

void SimDisk::Move::settle() const {
  from->durable_names.erase(old_name);
  to->durable_names[new_name] = node;
}

void SimDisk::make_moves_durable(const Node& folder) {
  std::erase_if(moves_, [&](const Move& move) {
    const bool is_its = move.from.get() == &folder || move.to.get() == &folder;
    if (is_its) move.settle();
    return is_its;
  });
}

int SimDisk::sync_folder_of(const std::string& path) {
  const NodePtr folder = folder_of(path);
  return folder ? sync_node(*folder) : ENOENT;
}

int SimDisk::remove_path(const std::string& path) {
  if (is_down_) return EIO;
  const NodePtr folder = folder_of(path);
  const NodePtr node = find(path);
  if (!folder || !node) return ENOENT;
  const int code = step("remove", path);
  if (code != 0 && !is_down_) return code;
  if (!kept_removed_.empty() && path.find(kept_removed_) != std::string::npos) {
    removed_[path] = node->bytes;
  }
  change_name(*folder, {{name_of(path), nullptr}});
  return code;
}

bool SimDisk::exists_with_bytes(const std::string& path) {
  const NodePtr node = find(path);
  return node && (node->is_folder || !node->bytes.empty());
}

// --- base::Disk ---

Result<void> SimDisk::read(const std::string& path, const Visit& visit) {
  NodePtr file;
  const int code = open_file(path, false, file);
  if (code == EISDIR) return base::invalid_input(path + ": a folder");
  if (code != 0) return error_of(path, code);
  constexpr size_t kPiece = 10'000;
  const std::string bytes = file->bytes;
  for (size_t at = 0; at < bytes.size(); at += kPiece) {
    if (!visit(std::string_view(bytes).substr(at, kPiece))) break;
  }
  return {};
}

Result<std::unique_ptr<base::MappedFile>> SimDisk::map(const std::string& path) {
  NodePtr file;
  const int code = open_file(path, false, file);
  if (code != 0) return error_of(path, code);
  if (file->bytes.empty()) return base::corrupt(path + ": is empty");
  return std::unique_ptr<base::MappedFile>(std::make_unique<Copy>(file->bytes));
}

Result<std::optional<base::PathStatus>> SimDisk::status(const std::string& path) {
  if (is_down_) return error_of(path, EIO);
  const NodePtr node = find(path);
  if (!node) return std::optional<base::PathStatus>();
  return std::optional(base::PathStatus{
      .bytes = node->bytes.size(), .changed_ns = node->changed, .is_folder = node->is_folder});
}

Result<std::vector<std::string>> SimDisk::list(const std::string& folder) {
  if (is_down_) return error_of(folder, EIO);
  const NodePtr node = find(folder);
  if (!node || !node->is_folder) return error_of(folder, ENOENT);
  std::vector<std::string> names;
  for (const auto& entry : node->names) names.push_back(entry.first);
  return names;
}

Result<void> SimDisk::write(const std::string& path, std::string_view bytes, unsigned /*mode*/) {
  NodePtr file;
  int code = open_file(path, true, file);
  if (code == 0 && !file->bytes.empty()) code = truncate(*file, 0);
  if (code == 0) code = write_at(*file, 0, bytes);
  return code == 0 ? Result<void>() : error_of(path, code);
}

Result<void> SimDisk::sync(const std::string& path) {
  if (is_down_) return error_of(path, EIO);
  const NodePtr node = find(path);
  const int code = node ? sync_node(*node) : ENOENT;
  return code == 0 ? Result<void>() : error_of(path, code);
}

Result<void> SimDisk::sync_all(std::span<const std::string> paths) {
  for (const std::string& path : paths) PURVEY_TRY(sync(path));
  return {};
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to) {
  if (is_down_) return error_of(to, EIO);
  const NodePtr node = find(from);
  const NodePtr folder = folder_of(to);
  if (!node || !folder) return error_of(to, ENOENT);
  const NodePtr old_folder = folder_of(from);
  const int code = step("rename", to);
  if (code != 0 && !is_down_) return error_of(to, code);
  if (folder == old_folder) {
    change_name(*folder, {{name_of(from), nullptr}, {name_of(to), node}});
  } else {
    old_folder->names.erase(name_of(from));
    folder->names[name_of(to)] = node;
    moves_.push_back({old_folder, name_of(from), folder, name_of(to), node});
  }
  if (code != 0) return error_of(to, code);
  node->path = to;
  return {};
}

Result<void> SimDisk::remove(const std::string& path) {
  const int code = remove_path(path);
  return code == 0 || code == ENOENT ? Result<void>() : error_of(path, code);
}

Result<bool> SimDisk::make_folders(const std::string& folder) {
  if (is_down_) return error_of(folder, EIO);
  bool made = false;
  NodePtr at = root_;
  std::string path;
  for (const std::string& name : split(folder)) {
    path += "/" + name;
    const auto found = at->names.find(name);
    if (found != at->names.end()) {
      at = found->second;
      continue;
    }
    const int code = has_no_room_for(1) ? ENOSPC : step("make folder", path);
    if (code != 0 && !is_down_) return error_of(path, code);
    auto fresh = std::make_shared<Node>();
    fresh->is_folder = true;
    fresh->path = path;
    nodes_.push_back(fresh);
    change_name(*at, {{name, fresh}});
    if (code != 0) return error_of(path, code);
    at = fresh;
    made = true;
  }
  return made;
}

Result<std::unique_ptr<base::FileHold>> SimDisk::hold(const std::string& path,
                                                      base::Holding holding) {
  NodePtr file;
  const int code = open_file(path, true, file);
  if (code != 0) return error_of(path, code);
  constexpr int kAlone = -1;
  const int held = holds_[path];
  const bool wants_alone = holding == base::Holding::kAlone;
  if (wants_alone ? held != 0 : held < 0) return base::conflict(path + ": is held");
  return std::unique_ptr<base::FileHold>(
      std::make_unique<SimHold>(*this, path, wants_alone ? kAlone : 1));
}

// --- after a power cut ---

void SimDisk::restart(Survival survival) {
  kept_share_ = static_cast<double>(1 + random_.below(9)) / 10;
  std::erase_if(nodes_, [](const auto& weak) { return weak.expired(); });
  settle_folder(*root_, survival);
  for (const auto& weak : nodes_) {
    const auto node = weak.lock();
    if (!node) continue;
    if (node->is_folder) {
      settle_folder(*node, survival);
    } else {
      settle_file(*node, survival);
    }
  }
  settle_moves(survival);
  is_down_ = false;
}

void SimDisk::settle_moves(Survival survival) {
  const size_t prefix = random_.below(moves_.size() + 1);
  for (size_t i = 0; i < moves_.size(); ++i) {
    const Move& move = moves_[i];
    if (survives(survival, i, prefix)) move.settle();
    for (const NodePtr& folder : {move.from, move.to}) folder->names = folder->durable_names;
  }
  moves_.clear();
}

void SimDisk::go_on() {
  for (const auto& weak : nodes_) {
    if (const auto node = weak.lock()) forget_users(*node);
  }
  is_down_ = false;
}

void SimDisk::forget_plans() {
  crash_at_ = fault_at_ = std::numeric_limits<uint64_t>::max();
  has_failed_ = false;
}

void SimDisk::forget_users(Node& file) {
  file.readers = 0;
  file.writer = nullptr;
  file.is_pending = file.is_exclusive = false;
  file.shared_memory.clear();
  file.shared_memory_users = 0;
  std::fill(std::begin(file.shm_readers), std::end(file.shm_readers), 0);
  std::fill(std::begin(file.shm_writer), std::end(file.shm_writer), nullptr);
}

bool SimDisk::survives(Survival survival, size_t place, size_t prefix) {
  switch (survival) {
    case Survival::kNothing:
    case Survival::kZeroed:
      return false;
    case Survival::kEverything:
      return true;
    case Survival::kPrefix:
      return place < prefix;
    case Survival::kSectors:
    case Survival::kPages:
      return random_.chance(kept_share_);
  }
  return false;
}

void SimDisk::settle_folder(Node& folder, Survival survival) {
  const size_t prefix = random_.below(folder.pending_names.size() + 1);
  for (size_t i = 0; i < folder.pending_names.size(); ++i) {
    // Names of files whose bytes did not make it may have.
    const bool kept = survival == Survival::kZeroed || survives(survival, i, prefix);
    if (kept) put(folder.durable_names, folder.pending_names[i]);
  }
  folder.pending_names.clear();
  folder.names = folder.durable_names;
}

void SimDisk::settle_file(Node& file, Survival survival) {
  std::vector<Node::Write> open = std::move(file.limbo);
  // What a failed sync left was not written again, whatever the power cut spares.
  const size_t in_limbo = survival == Survival::kEverything ? open.size() : 0;
  std::move(file.pending.begin(), file.pending.end(), std::back_inserter(open));
  const size_t prefix = random_.below(open.size() + 1);
  const uint64_t unit = survival == Survival::kPages ? kPage : kSector;
  for (size_t i = in_limbo; i < open.size(); ++i) {
    Node::Write& write = open[i];
    if (write.is_truncation) {
      if (survives(survival, i, prefix)) put(file.durable, write);
      continue;
    }
    if (survival == Survival::kZeroed) {
      const size_t end = write.offset + write.bytes.size();
      if (file.durable.size() < end) file.durable.resize(end);
      continue;
    }
    if (survival == Survival::kPrefix && i == prefix) {
      write.bytes.resize(random_.below(write.bytes.size() + 1) / kSector * kSector);
      put(file.durable, write);
      continue;
    }
    for (size_t at = 0; at < write.bytes.size();) {
      const uint64_t end = (write.offset + at) / unit * unit + unit - write.offset;
      const size_t count = std::min<uint64_t>(end, write.bytes.size()) - at;
      if (survives(survival, i, prefix)) {
        put(file.durable, {.offset = write.offset + at, .bytes = write.bytes.substr(at, count)});
      }
      at += count;
    }
  }
  file.pending.clear();
  file.limbo.clear();
  file.bytes = file.durable;
  forget_users(file);
}

}  // namespace purvey::simulation
