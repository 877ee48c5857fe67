#pragma once

#include <span>

#include "base/settings/money_settings.h"
#include "base/settings/settings.h"

namespace purvey::fuzz {

using base::KeyNeed;
using base::KeySpec;
using base::KeyType;
using base::SettingsSection;

inline constexpr KeySpec kEventKeys[] = {
    {.name = "disorder",
     .type = KeyType::kDuration,
     .fallback = "5s",
     .help = "how late events may come",
     .most = "24h"},
    {.name = "keep_unknown", .type = KeyType::kBoolean, .fallback = "false", .help = "a flag"},
    {.name = "batch",
     .type = KeyType::kInteger,
     .fallback = "100",
     .help = "a number",
     .least = "1"},
    {.name = "ratio",
     .type = KeyType::kNumber,
     .fallback = "0.5",
     .help = "a share",
     .least = "0",
     .most = "1"},
    {.name = "mode",
     .type = KeyType::kChoice,
     .fallback = "strict",
     .help = "a word",
     .choices = "strict|lenient"},
    {.name = "memory", .type = KeyType::kSize, .fallback = "64MiB", .help = "a size"}};
inline constexpr KeySpec kSiteKeys[] = {
    {.name = "timezone", .type = KeyType::kZone, .fallback = "UTC", .help = "the zone"},
    {.name = "holidays", .type = KeyType::kTexts, .fallback = "[]", .help = "days off"},
    {.name = "labels", .type = KeyType::kTextMap, .fallback = "{}", .help = "names"}};
inline constexpr KeySpec kRuleKeys[] = {
    {.name = "name", .help = "its name", .need = KeyNeed::kRequired, .unique = true},
    {.name = "above", .type = KeyType::kNumber, .help = "bound", .need = KeyNeed::kOptional}};

/// Settings with a key of every type, a repeated section, and the real [money].
inline std::span<const SettingsSection> sample_sections() {
  static const SettingsSection kSections[] = {
      {.name = "event", .keys = kEventKeys},
      {.name = "site", .keys = kSiteKeys},
      base::kMoneySection,
      base::kMoneyRatesSection,
      {.name = "rule", .keys = kRuleKeys, .repeated = true}};
  return kSections;
}

}  // namespace purvey::fuzz
