#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/settings/settings.h"
#include "flow/import/import_map.h"
#include "serve/signature.h"

namespace purvey::app {

/// `[[hook]]`: other systems whose messages are taken (docs/hooks.md).
extern const base::SettingsSection kHookSection;

/// One `[[hook]]`, its map read.
struct Hook {
  std::string name;
  std::shared_ptr<const flow::ImportMap> map;
  std::string secret_file;         ///< empty: messages are not signed
  serve::SignatureRule signature;  ///< without the secret, which a server reads as it starts
};

/// The hooks of the settings; files are relative to `folder`. Errors: kInvalidInput for a map that
/// is none of documents or has a mistake, with its place.
base::Result<std::vector<Hook>> read_hooks(const base::Settings& settings,
                                           const std::string& folder);

}  // namespace purvey::app
