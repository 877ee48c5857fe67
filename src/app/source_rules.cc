#include "app/source_rules.h"

namespace purvey::app {
namespace {

using base::KeyNeed;
using base::KeySpec;
using base::KeyType;

constexpr KeySpec kSourceKeys[] = {
    {.name = "name",
     .help = "the `source` of its events",
     .example = "/erp/history",
     .need = KeyNeed::kRequired,
     .unique = true},
    {.name = "backfill",
     .type = KeyType::kBoolean,
     .fallback = "false",
     .help = "whether its events fill in the past: they count however old they are, revise closed "
             "windows, and hold or move no time"},
    {.name = "clock",
     .type = KeyType::kChoice,
     .fallback = "wall",
     .help = "what tells that an event is in the future: the wall clock, or the source's own "
             "latest event, as for a simulation",
     .choices = "wall|event"}};

}  // namespace

const base::SettingsSection kSourceSection = {.name = "source",
                                              .keys = kSourceKeys,
                                              .help = "A live source that is not as others are.",
                                              .repeated = true};

std::vector<SourceRule> read_source_rules(const base::Settings& settings) {
  std::vector<SourceRule> rules;
  for (const base::SettingsTable& table : settings.tables("source")) {
    rules.push_back({.name = table.text("name"),
                     .backfill = table.boolean("backfill"),
                     .own_clock = table.choice("clock") == 1});
  }
  return rules;
}

}  // namespace purvey::app
