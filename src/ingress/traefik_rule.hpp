// SPDX-License-Identifier: Apache-2.0
// Rules of routers: Host(`a.example`) && (PathPrefix(`/x`) || !Method(`GET`)).
// Source: Traefik's public documentation of rule matchers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ingress/route.hpp"

namespace caravan::ingress {

// Longer or deeper rules are refused.
inline constexpr std::size_t rule_bytes_max = 2048, rule_depth_max = 16, rule_matchers_max = 64;

/// Errors: invalid (with the position), unsupported (a matcher that is not built).
base::Result<Rule> parse_rule(std::string_view text);

/// HostSNI(`a`) of tcp routers: the hosts; "*" for any. Errors: as above.
base::Result<std::vector<std::string>> parse_sni_rule(std::string_view text);

/// The host names that a rule names outright: what a certificate is needed for.
std::vector<std::string> hosts_of(const Rule& rule);

}  // namespace caravan::ingress
