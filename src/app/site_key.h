#pragma once

#include <functional>
#include <string>

#include "base/disk.h"
#include "base/result.h"
#include "event/pseudonym.h"

namespace purvey::app {

/// The secret of a site's pseudonyms, from `folder/site.key` (0600), made at the first start.
/// `is_new`: whether the folder has no events yet; without its key an old one could not go on, as
/// every customer would get another pseudonym. Errors: kCorrupt, kNotFound, kUnavailable.
base::Result<event::Pseudonymizer::Key> load_site_key(
    const std::string& folder, bool is_new, base::Disk& disk = base::Disk::system(),
    const std::function<event::Pseudonymizer::Key()>& new_key = event::Pseudonymizer::random_key);

}  // namespace purvey::app
