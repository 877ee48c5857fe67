#include "app/open_store.h"

#include <fmt/core.h>

namespace purvey::app {
namespace {

using base::Result;
using store::depot::Store;

Result<void> check_same(std::string_view what, const std::optional<std::string>& known,
                        std::string_view asked) {
  if (!known || *known == asked) return {};
  return base::conflict(fmt::format(
      "the data folder counts in {} {}, the settings say {}; choose another folder, or set it back",
      what, *known, asked));
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& folder,
                                          const Configuration& configuration,
                                          const Ground& ground) {
  const auto& settings = configuration.settings.section("store");
  auto store = PURVEY_TRY(Store::open({
      .folder = folder,
      .timezone = configuration.zone.name(),
      .memory_limit_mb = static_cast<uint64_t>(settings.integer("memory")) >> 20,
      .threads = static_cast<unsigned>(settings.integer("threads")),
      .rows_buffered_max = static_cast<size_t>(settings.integer("rows_buffered")),
      .disk = ground.disk,
      .engine = ground.engine,
  }));
  PURVEY_TRY(check_same("[site] timezone", store->meta(kZoneKey), configuration.zone.name()));
  if (const auto& base = configuration.base_currency) {
    PURVEY_TRY(check_same("[money] base", store->meta(kBaseCurrencyKey), base->code()));
  }
  return store;
}

}  // namespace purvey::app
