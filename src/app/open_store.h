#pragma once

#include <memory>
#include <string>

#include "app/configuration.h"
#include "store/depot/store.h"

namespace purvey::app {

/// Opens the store in `folder` with the zone and the limits of `[store]`. Errors: those of
/// Store::open().
base::Result<std::unique_ptr<store::depot::Store>> open_store(const std::string& folder,
                                                              const Configuration& configuration);

}  // namespace purvey::app
