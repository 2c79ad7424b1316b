// SPDX-License-Identifier: Apache-2.0
// Servers that left and do not answer any more: their machine lost its power or its cable. What was
// sent to one of them would be repeated by TCP for a quarter of an hour before anybody hears of it.
// Who merely stops refuses new connections, which is an answer, and ends what it has begun. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingress/placement.hpp"

namespace caravan::ingress {

/// What to ask the data plane's socket of those that leave; none when nobody does.
std::vector<std::string> questions_about_leaving(const Placement& placement);

struct SilentServer {
  std::string name;      // "backend/slot"
  base::Duration since;  // uptime at which it began to leave
  friend bool operator==(const SilentServer&, const SilentServer&) = default;
};

/// Those of them that did not answer when they were looked at last. `stat`: the answers, tables of
/// comma-separated values, each with its heading.
std::vector<SilentServer> silent_servers(const Placement& placement, std::string_view stat);

}  // namespace caravan::ingress
