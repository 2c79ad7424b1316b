// SPDX-License-Identifier: Apache-2.0
// What the tags of one instance ask for, before anybody else is looked at.
#pragma once

#include <string>
#include <vector>

#include "ingress/instance.hpp"
#include "ingress/route.hpp"
#include "ingress/settings.hpp"

namespace caravan::ingress {

/// A route with this one instance behind it. Wishes with equal keys have to agree.
struct Wish {
  std::string key;
  Route route;  // without id, service, created and servers
  int port = 0;
  double fixed = 0;  // share; 0: of the rest
};

/// Of `urlprefix-` tags. What cannot be done is appended to `problems`.
std::vector<Wish> fabio_wishes(const Instance& instance, const Settings& settings,
                               std::vector<Problem>& problems);

/// Of `traefik.` labels. A router of which something cannot be done is not made at all: one without
/// its middlewares would let in whom they keep out.
std::vector<Wish> traefik_wishes(const Instance& instance, const Settings& settings,
                                 std::vector<Problem>& problems);

}  // namespace caravan::ingress
