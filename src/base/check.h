#pragma once

#include <source_location>
#include <string_view>

namespace purvey::base {

/// Prints what was violated and where, then aborts. Called by PURVEY_CHECK only.
[[noreturn]] void check_failed(std::string_view condition, std::string_view message,
                               std::source_location where = std::source_location::current());

}  // namespace purvey::base

/// A bug in Purvey if `condition` is false; on in release.
#define PURVEY_CHECK(condition, message) \
  ((condition) ? static_cast<void>(0) : ::purvey::base::check_failed(#condition, (message)))

/// As PURVEY_CHECK, for hot paths: on in debug and sanitizer builds only.
#ifdef NDEBUG
#define PURVEY_DCHECK(condition, message) static_cast<void>(0)
#else
#define PURVEY_DCHECK(condition, message) PURVEY_CHECK(condition, message)
#endif
