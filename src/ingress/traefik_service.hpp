// SPDX-License-Identifier: Apache-2.0
// Labels of services: where the servers are, how they are looked at, and who stays with whom.
// Source of their meaning: Traefik's public documentation.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "ingress/traefik_middleware.hpp"
#include "ingress/wish.hpp"

namespace caravan::ingress {

/// The next word after `prefix` of every label: the names of routers or services.
std::set<std::string> names_below(const Labels& labels, const std::string& prefix);

/// What Traefik's function of that name makes of a name: words of letters and digits, joined by -.
std::string normalize(std::string_view name);

/// Which of the services that are defined here, of "http" or "tcp": the one that is named, or the
/// only one; "" when there is none. Errors: unsupported (one of somebody else), invalid (several,
/// and none is named).
base::Result<std::string> chosen_service(const Instance& instance, const Labels& labels,
                                         const std::string& kind, const std::string& named);

/// Takes what the labels say of the service into the wish. Errors: unsupported, invalid.
base::Status take_service(Wish& wish, const Instance& instance, const Labels& labels,
                          const std::string& kind, const std::string& service);

}  // namespace caravan::ingress
