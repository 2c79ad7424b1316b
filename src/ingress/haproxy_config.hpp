// SPDX-License-Identifier: Apache-2.0
// Routes as HAProxy's configuration. Pure: the same routes give the same text.
//
// Nothing of a tag gets in but what its reader checked, and that only within quotes that HAProxy
// takes literally. Requests are normalized before the first question about their path, and again
// after each rewriting: what is matched is what is forwarded.
#pragma once

#include <map>
#include <string>

#include "ingress/placement.hpp"

namespace caravan::ingress {

/// Where things are on this machine.
struct DataPlanePaths {
  std::string folder;        // of this configuration: for its maps
  std::string control;       // the socket for commands
  std::string metrics;       // the socket that Prometheus' page is read from
  std::string inner;         // folder for sockets between its own parts
  std::string certificates;  // folder: default.pem, and named/*.pem
};

struct Rendered {
  std::string config;
  std::map<std::string, std::string> files;  // beside it, by name
};

/// `generation`: what the data plane answers when it is asked which configuration it has.
Rendered render(const Settings& settings, const RoutingTable& table, const Placement& placement,
                const DataPlanePaths& paths, const std::string& generation);

/// The configuration without its servers: two of one shape differ by what commands can change.
std::string shape_of(const Settings& settings, const RoutingTable& table,
                     const Placement& placement, const DataPlanePaths& paths);

/// One word of the configuration that is taken as it is. Precondition: no control characters.
std::string quoted(std::string_view text);
/// The same for words that are formats: no part of it is filled in.
std::string quoted_format(std::string_view text);

}  // namespace caravan::ingress
