#include "app/open_store.h"

namespace purvey::app {

base::Result<std::unique_ptr<store::depot::Store>> open_store(const std::string& folder,
                                                              const Configuration& configuration) {
  const auto& settings = configuration.settings.section("store");
  return store::depot::Store::open({
      .folder = folder,
      .timezone = configuration.zone.name(),
      .memory_limit_mb = static_cast<uint64_t>(settings.integer("memory")) >> 20,
      .threads = static_cast<unsigned>(settings.integer("threads")),
      .rows_buffered_max = static_cast<size_t>(settings.integer("rows_buffered")),
  });
}

}  // namespace purvey::app
