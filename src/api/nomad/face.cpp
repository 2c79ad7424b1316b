// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

/// A browser puts no header of ours on a WebSocket. What it may offer are protocols, so the page
/// offers the token as one.
std::string token_of(const http::Request& request) {
  std::string token = header_token(request, "X-Nomad-Token");
  const std::string offered(request.headers.get("Sec-WebSocket-Protocol"));
  if (!token.empty() || offered.empty()) return token;
  for (const std::string& each : base::split(offered, ',')) {
    const std::string_view name = base::trim(each);
    if (name.starts_with(token_protocol)) return std::string(name.substr(token_protocol.size()));
  }
  return "";
}

void dress(http::Response& response, const Answer& answer, const http::Request&,
           const Whereabouts& at) {
  if (answer.index > 0) response.headers.add("X-Nomad-Index", fmt::format("{}", answer.index));
  if (answer.is_read) {
    response.headers.add("X-Nomad-KnownLeader", at.leads || at.leader ? "true" : "false");
    response.headers.add("X-Nomad-LastContact", fmt::format("{}", at.last_contact_ms));
  }
  if (!answer.next_token.empty()) response.headers.add("X-Nomad-NextToken", answer.next_token);
}

http::Response refusal(const base::Error& error) {
  return http::plain_error(status_of(error.code), error.message);
}

http::Response no_route(const http::Request&, const std::vector<std::string>& methods) {
  return methods.empty() ? http::plain_error(404, "") : http::plain_error(405, "Invalid method");
}

}  // namespace

/// Ids of jobs may have slashes, children's always do, and clients also write them as they are:
/// "/v1/job/a/b/summary". A variable's path is all that is left.
Face face(std::string region, std::string authority) {
  if (authority == region) authority.clear();
  return {.name = "",
          .place_parameter = "region",
          .place = region,
          .no_such_place = {base::Code::unavailable, cluster::no_path_to_region},
          .region = region,
          .authority = std::move(authority),
          .whole_rests = {"/v1/var/", "/ui/"},
          .slashed_names = "/v1/job/",
          .token_of = token_of,
          .dress = dress,
          .refusal = refusal,
          .again = again,
          .no_route = no_route};
}

}  // namespace caravan::api::nomad
