#pragma once

#include <tl/expected.hpp>

#include "serve/http.h"

namespace purvey::serve {

/// A value, or the answer that a request gets in its place.
template <class T>
using Judged = tl::expected<T, Response>;

/// The answer in place of a value: an error of the one form.
inline tl::unexpected<Response> refuse(int status, std::string_view code,
                                       std::string_view message) {
  return tl::unexpected<Response>(error_response(status, code, message));
}

}  // namespace purvey::serve
