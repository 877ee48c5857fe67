#include "app/settings_in_force.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/hash.h"
#include "base/toml.h"

namespace purvey::app {

struct SettingsInForce::Shared {
  bool is_kept = false;
  size_t size = 0;
  uint64_t hash = 0;
  char bytes[base::kTomlBytesMax] = {};
};

SettingsInForce::SettingsInForce() {
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory != MAP_FAILED) shared_ = static_cast<Shared*>(memory);  // all zeros: nothing is kept
}

SettingsInForce::~SettingsInForce() {
  if (shared_ != nullptr) munmap(shared_, sizeof(Shared));
}

void SettingsInForce::keep(std::string_view text) {
  if (shared_ == nullptr || text.size() > sizeof shared_->bytes) return;
  shared_->is_kept = true;
  shared_->hash = 0;
  shared_->size = text.size();
  std::copy(text.begin(), text.end(), shared_->bytes);
  shared_->hash = base::hash64(text);
}

std::optional<std::string> SettingsInForce::text() const {
  if (shared_ == nullptr || !shared_->is_kept || shared_->size > sizeof shared_->bytes) {
    return std::nullopt;
  }
  std::string text(shared_->bytes, shared_->size);
  return base::hash64(text) == shared_->hash ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace purvey::app
