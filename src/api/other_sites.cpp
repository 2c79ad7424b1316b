// SPDX-License-Identifier: Apache-2.0
#include "api/other_sites.hpp"

#include "base/text.hpp"

namespace caravan::api {
namespace {

bool only_shows(const http::Request& request) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  return (reads || request.method == "OPTIONS") && !request.headers.contains("Upgrade");
}

}  // namespace

bool is_act_of_other_site(const http::Request& request) {
  const std::string origin = base::to_lower(request.headers.get("Origin"));
  if (origin.empty() || only_shows(request)) return false;
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string::npos) return true;  // "null": of a page that says of no site
  const std::string site = origin.substr(scheme + 3);
  for (const char* name : {"Host", "X-Forwarded-Host"})
    if (base::to_lower(request.headers.get(name)) == site) return false;
  return true;
}

}  // namespace caravan::api
