#include "app/limit_settings.h"

#include <algorithm>
#include <thread>

namespace purvey::app {
namespace {

using base::KeySpec;
using base::KeyType;

constexpr KeySpec kLimitsKeys[] = {
    {.name = "shards",
     .type = KeyType::kInteger,
     .fallback = "0",
     .help = "threads that keep state; 0: one for every four cores, at least one",
     .least = "0",
     .most = "64"},
    {.name = "connections",
     .type = KeyType::kInteger,
     .fallback = "4096",
     .help = "connections to the server at once; a further one is told so (503) and closed",
     .least = "1",
     .most = "100000"},
    {.name = "events",
     .type = KeyType::kInteger,
     .fallback = "100000",
     .help = "events of one message (413)",
     .least = "1",
     .most = "1000000"},
    {.name = "body",
     .type = KeyType::kSize,
     .fallback = "8MiB",
     .help = "largest message as it is sent (413)",
     .least = "1KiB",
     .most = "256MiB"},
    {.name = "unpacked",
     .type = KeyType::kSize,
     .fallback = "64MiB",
     .help = "largest message once it is decompressed (413)",
     .least = "1KiB",
     .most = "256MiB"},
    {.name = "unpacked_ratio",
     .type = KeyType::kInteger,
     .fallback = "200",
     .help = "bytes that one sent byte may become, beyond the first MiB (413)",
     .least = "1",
     .most = "100000"},
    {.name = "bodies",
     .type = KeyType::kSize,
     .fallback = "256MiB",
     .help = "all messages together that are not answered yet, decompressed (503)",
     .least = "1MiB",
     .most = "64GiB"},
};

void check_limits(const base::SettingsTable& limits, base::SettingsFaults& faults) {
  const int64_t most = std::max(limits.integer("body"), limits.integer("unpacked"));
  if (limits.integer("bodies") >= most) return;
  faults.add(limits, limits.given("bodies") ? "bodies" : "unpacked",
             "one message may be larger than all together: such a one would never be taken; "
             "write `bodies` at least as large as `body` and `unpacked`");
}

}  // namespace

const base::SettingsSection kLimitsSection = {.name = "limits",
                                              .keys = kLimitsKeys,
                                              .help = "How much of the machine is used.",
                                              .check = check_limits};

size_t read_shards(const base::SettingsTable& limits) {
  const int64_t asked = limits.integer("shards");
  if (asked > 0) return static_cast<size_t>(asked);
  // The threads that read, judge and write leave about this many cores.
  return std::max(1U, std::thread::hardware_concurrency() / 4);
}

serve::HttpLimits read_http_limits(const base::SettingsTable& limits) {
  return {.body_bytes = static_cast<size_t>(limits.integer("body")),
          .unpacked_bytes = static_cast<size_t>(limits.integer("unpacked")),
          .unpacked_ratio = static_cast<size_t>(limits.integer("unpacked_ratio")),
          .bodies_bytes = static_cast<size_t>(limits.integer("bodies")),
          .connections = static_cast<size_t>(limits.integer("connections"))};
}

}  // namespace purvey::app
