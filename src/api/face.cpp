// SPDX-License-Identifier: Apache-2.0
#include "api/face.hpp"

#include "base/text.hpp"

namespace caravan::api {

std::string header_token(const http::Request& request, std::string_view own) {
  if (const std::string_view token = request.headers.get(own); !token.empty())
    return std::string(base::trim(token));
  const std::string_view bearer = request.headers.get("Authorization");
  if (bearer.size() > 7 && base::to_lower(bearer.substr(0, 7)) == "bearer ")
    return std::string(base::trim(bearer.substr(7)));
  return "";
}

int status_of(base::Code code) {
  switch (code) {
    case base::Code::invalid:
      return 400;
    case base::Code::not_found:
      return 404;
    case base::Code::denied:
      return 403;
    case base::Code::conflict:
      return 409;
    case base::Code::too_large:
      return 413;
    case base::Code::timeout:
      return 504;
    case base::Code::busy:
      return 429;
    case base::Code::unsupported:
      return 501;
    case base::Code::unavailable:  // "No cluster leader" is a 500 that clients know
    case base::Code::io:
    case base::Code::internal:
      return 500;
  }
  return 500;
}

}  // namespace caravan::api
