#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/settings/settings.h"
#include "flow/metric/pack.h"
#include "watch/rule.h"

namespace purvey::watch {

/// `[[rule]]`, in the settings and in packs/ecommerce.rules.toml.
extern const base::SettingsSection kRuleSection;

/// The most rules that a book takes: more is a mistake, and each costs time at every window.
inline constexpr size_t kRulesMax = 1'000;

/// The rules in force: those of the pack's file, then the user's. Immutable once an IncidentDesk
/// uses it.
class RuleBook {
 public:
  /// `pack` must outlive the book.
  explicit RuleBook(const flow::Pack& pack) : pack_(&pack) {}

  /// Adds the rules of a file that holds nothing but `[[rule]]`. Errors: as add().
  base::Result<void> add_file(const base::TomlDocument& document);

  /// Adds `settings.tables("rule")`. A rule takes the place of an earlier one with its name;
  /// `enabled = false` removes it. Errors: kInvalidInput with a line for each thing that is wrong
  /// (file:line, what, what to write instead), after which the book is as before.
  base::Result<void> add(std::span<const base::SettingsTable> tables);

  const std::vector<Rule>& rules() const { return rules_; }
  const flow::Pack& pack() const { return *pack_; }

  /// The rule of this name, or null.
  const Rule* find(std::string_view name) const;

 private:
  const flow::Pack* pack_;
  std::vector<Rule> rules_;
};

}  // namespace purvey::watch
