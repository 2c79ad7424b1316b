// SPDX-License-Identifier: Apache-2.0
// Middlewares of routers: what is done to a request on its way, as labels define it.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "ingress/route.hpp"

namespace caravan::ingress {

/// Labels below `traefik.`, names in lower case: "http.routers.web.rule" → value.
using Labels = std::map<std::string, std::string>;

/// Adds what the middleware of that name does. Errors: invalid, not_found (no such middleware in
/// these labels), unsupported (a kind that is not built).
base::Status take_middleware(Treatment& treatment, const Labels& labels, std::string_view name,
                             int depth = 0);

/// "a@consulcatalog" is a.
std::string without_provider(std::string_view name);

}  // namespace caravan::ingress
