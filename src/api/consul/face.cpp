// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "acl/authorized.hpp"
#include "api/consul/pages.hpp"
#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

/// What an agent of the peers would keep for its clients. A server of ours knows it all the time.
bool is_cached(const http::Request& request) {
  return request.query.has("cached") &&
         (request.path.starts_with("/v1/health/") || request.path.starts_with("/v1/catalog/"));
}

void dress(http::Response& response, const Answer& answer, const http::Request& request,
           const Whereabouts& at) {
  if (answer.index > 0) response.headers.add("X-Consul-Index", fmt::format("{}", answer.index));
  if (!answer.is_read) return;
  const bool is_stale = request.query.has("stale"), is_consistent = request.query.has("consistent");
  response.headers.add("X-Consul-Knownleader", at.leads || at.leader ? "true" : "false");
  response.headers.add("X-Consul-Lastcontact", fmt::format("{}", at.last_contact_ms));
  response.headers.add("X-Consul-Effective-Consistency",
                       is_stale ? "stale" : (is_consistent ? "consistent" : "leader"));
  if (!is_cached(request)) return;
  response.headers.add("X-Cache", "HIT");
  response.headers.add("Age", fmt::format("{}", at.last_contact_ms / 1000));
}

/// Its clients know few kinds of refusal; everything else that goes wrong is a 500 to them.
http::Response refusal(const base::Error& error) {
  if (error.message == acl::token_not_found || error.message == acl::token_expired)
    return http::plain_error(403, "ACL not found");
  switch (error.code) {
    case base::Code::invalid:
    case base::Code::not_found:
    case base::Code::denied:
    case base::Code::too_large:
    case base::Code::busy:
    case base::Code::unsupported:
      return http::plain_error(status_of(error.code), error.message);
    default:
      return http::plain_error(500, error.message);
  }
}

http::Response no_route(const http::Request& request, const std::vector<std::string>& methods) {
  if (methods.empty()) return http::plain_error(404, "");
  http::Response response =
      http::plain_error(405, fmt::format("method {} not allowed", request.method));
  response.headers.add("Allow", "OPTIONS," + base::join(methods, ","));
  return response;
}

}  // namespace

std::string secret_of(const http::Request& request) {
  if (const std::string token = header_token(request, "X-Consul-Token"); !token.empty())
    return token;
  return request.query.get("token");
}

Face face(std::string datacenter, std::string region, std::string authority) {
  if (authority == region) authority.clear();
  return {.name = "consul",
          .place_parameter = "dc",
          .place = std::move(datacenter),
          .no_such_place = {base::Code::internal, "No path to datacenter"},
          .names_datacenters = true,
          .region = std::move(region),
          .authority = std::move(authority),
          .whole_rests = {"/v1/kv/", "/ui/"},
          .slashed_names = "",
          .token_of = secret_of,
          .dress = dress,
          .refusal = refusal,
          .again = again,
          .no_route = no_route};
}

}  // namespace caravan::api::consul
