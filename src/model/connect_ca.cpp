// SPDX-License-Identifier: Apache-2.0
#include "model/connect_ca.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

constexpr std::string_view scheme = "spiffe://";
constexpr std::size_t name_max = 256;

bool is_name_letter(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

bool is_mesh_name(std::string_view name) {
  return !name.empty() && name.size() <= name_max && std::ranges::all_of(name, is_name_letter);
}

std::string SpiffeService::to_uri() const {
  return fmt::format("{}{}/ns/default/dc/{}/svc/{}", scheme, trust_domain, datacenter, service);
}

base::Result<SpiffeService> SpiffeService::parse(std::string_view uri) {
  const auto wrong = [&] {
    return base::invalid(fmt::format(
        "\"{}\" is not of the form spiffe://<trust domain>/ns/default/dc/<dc>/svc/<service>",
        base::printable(uri, 256)));
  };
  if (!base::to_lower(uri).starts_with(scheme)) return wrong();
  const std::vector<std::string> parts = base::split(uri.substr(scheme.size()), '/');
  constexpr std::size_t count = 7;
  if (parts.size() != count || parts[1] != "ns" || parts[2] != "default" || parts[3] != "dc" ||
      parts[5] != "svc")
    return wrong();
  if (!is_mesh_name(parts[0]) || !is_mesh_name(parts[4]) || !is_mesh_name(parts[6])) return wrong();
  return SpiffeService{base::to_lower(parts[0]), parts[4], parts[6]};
}

}  // namespace caravan::model
