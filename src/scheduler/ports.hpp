// SPDX-License-Identifier: Apache-2.0
// Which ports of a node a new allocation gets.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "scheduler/fleet.hpp"

namespace caravan::scheduler {

inline constexpr int port_max = 65535;

/// "22,80,8500-8600" as port numbers; what is no number is left out (the node's configuration check
/// has refused it already).
std::vector<int> parse_port_list(std::string_view text);

/// The ports for one more copy of a group. `seed` decides where the search for dynamic ones begins,
/// so that freed ports are not reused at once. Errors: the exhausted dimension, as
/// `DimensionExhausted` names it.
///
/// What a stopping allocation still holds is not given out as a dynamic port, yet is no obstacle to
/// a static one, whose new owner waits on the node for the old one to end.
std::expected<std::vector<model::PortMapping>, std::string> assign_ports(
    const Fleet& fleet, Row row, const model::TaskGroup& group, std::uint64_t seed);

/// The lowest dedicated cores that nobody has. Precondition: there are that many.
std::vector<int> assign_cores(const Fleet& fleet, Row row, int count);

}  // namespace caravan::scheduler
