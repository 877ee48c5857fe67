#include "app/retention_settings.h"

#include <chrono>

namespace purvey::app {
namespace {

using base::KeySpec;
using base::KeyType;

constexpr KeySpec kKeys[] = {
    {.name = "kpi_minute",
     .type = KeyType::kDuration,
     .fallback = "14d",
     .help = "how long KPIs of 1-minute windows are kept from the day they were stored; 0s: for "
             "ever",
     .least = "0s",
     .most = "36500d"},
    {.name = "dead_letters",
     .type = KeyType::kDuration,
     .fallback = "30d",
     .help = "how long dead letters are kept; 0s: for ever",
     .least = "0s",
     .most = "36500d"},
    {.name = "archive",
     .type = KeyType::kDuration,
     .fallback = "400d",
     .help = "how long all other rows are kept, but those that the present is worked out from; 0s: "
             "for ever",
     .least = "0s",
     .most = "36500d"},
    {.name = "disk",
     .type = KeyType::kSize,
     .fallback = "20GiB",
     .help = "ceiling of the data folder: beyond it events are answered 429",
     .least = "64MiB",
     .most = "1024TiB"},
    {.name = "drop_oldest",
     .type = KeyType::kBoolean,
     .fallback = "false",
     .help = "whether at the ceiling the parts stored first go instead, whatever their age"},
};

int32_t whole_days(base::Micros span) {
  return static_cast<int32_t>(std::chrono::ceil<std::chrono::days>(span).count());
}

}  // namespace

const base::SettingsSection kRetentionSection = {
    .name = "retention",
    .keys = kKeys,
    .help = "How long a server keeps what it stores, and how much: docs/retention.md."};

store::depot::Retention read_retention(const base::Settings& settings) {
  const auto& retention = settings.section("retention");
  return {.kpi_minute_days = whole_days(retention.duration("kpi_minute")),
          .archive_days = whole_days(retention.duration("archive")),
          .dead_letter_days = whole_days(retention.duration("dead_letters")),
          .disk_bytes = static_cast<uint64_t>(retention.integer("disk")),
          .drops_oldest = retention.boolean("drop_oldest")};
}

}  // namespace purvey::app
