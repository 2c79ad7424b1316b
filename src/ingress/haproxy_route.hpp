// SPDX-License-Identifier: Apache-2.0
// One route in HAProxy's words: its questions, and what its backend does.
#pragma once

#include <string>
#include <vector>

#include "ingress/route.hpp"
#include "ingress/settings.hpp"

namespace caravan::ingress {

/// Alternatives, each a list of conditions that have to hold together; "" always holds.
std::vector<std::string> conditions_of(const Rule& rule);

/// "str -- 'a.example'" or, with stars, an expression: how a lower-case host is compared.
std::string host_match(const std::string& host);

/// The backend without its servers.
std::string backend_text(const Settings& settings, const Route& route);

}  // namespace caravan::ingress
