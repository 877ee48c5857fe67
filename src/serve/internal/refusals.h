#pragma once

#include <cstddef>
#include <string_view>

#include "serve/http.h"

namespace purvey::serve {

// What the server answers itself when a connection or its request goes on no further.

Response bad_head(std::string_view why);   ///< 400
Response bad_body(std::string_view why);   ///< 400
Response head_too_large(size_t limit);     ///< 431
Response too_slow(std::string_view what);  ///< 408: the head, the body
Response not_answered();                   ///< 504: by the handler
Response overloaded();                     ///< 503: the bodies in work hold too much
Response too_many_connections();           ///< 503

}  // namespace purvey::serve
