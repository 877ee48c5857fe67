#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace purvey::base {

/// What the caller should do about an error, not where it arose.
enum class ErrorCode : uint8_t {
  kInvalidInput,  ///< mend what was given
  kNotFound,      ///< ask for something that exists
  kConflict,      ///< another state or process stands in the way
  kUnavailable,   ///< an outside system failed; try again later
  kExhausted,     ///< a limit was reached
  kCorrupt,       ///< stored bytes are damaged
  kCancelled,     ///< stopped on request
  kUnsupported,   ///< not possible with this version or build
};

/// An error that the caller can meet: what to do, and one line saying where, what and what to write
/// instead.
struct Error {
  ErrorCode code;
  std::string message;
};

/// A value or an Error; never to be ignored.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}
};

inline Error invalid_input(std::string message) {
  return {ErrorCode::kInvalidInput, std::move(message)};
}
inline Error not_found(std::string message) {
  return {ErrorCode::kNotFound, std::move(message)};
}
inline Error conflict(std::string message) {
  return {ErrorCode::kConflict, std::move(message)};
}
inline Error unavailable(std::string message) {
  return {ErrorCode::kUnavailable, std::move(message)};
}
inline Error exhausted(std::string message) {
  return {ErrorCode::kExhausted, std::move(message)};
}
inline Error corrupt(std::string message) {
  return {ErrorCode::kCorrupt, std::move(message)};
}
inline Error cancelled(std::string message) {
  return {ErrorCode::kCancelled, std::move(message)};
}
inline Error unsupported(std::string message) {
  return {ErrorCode::kUnsupported, std::move(message)};
}

/// "invalid_input", ...: stable names for programs.
std::string_view error_code_name(ErrorCode code);

namespace internal {

template <class T>
T take(Result<T>&& result) {
  return *std::move(result);
}
inline void take(Result<void>&&) {}

}  // namespace internal
}  // namespace purvey::base

/// The value of a Result, or a return of its error from the enclosing function. Alone in a
/// statement: `const auto file = PURVEY_TRY(open(path));`
#define PURVEY_TRY(expression)                                           \
  __extension__({                                                        \
    auto purvey_try_result = (expression);                               \
    if (!purvey_try_result) return std::move(purvey_try_result).error(); \
    ::purvey::base::internal::take(std::move(purvey_try_result));        \
  })
