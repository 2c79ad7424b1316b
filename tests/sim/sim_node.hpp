// SPDX-License-Identifier: Apache-2.0
// What a simulated machine looks like to the scheduler.
#pragma once

#include <string>

#include "model/node.hpp"

namespace caravan::sim {

inline constexpr int node_cpu = 4000, node_memory_mb = 8192, node_disk_mb = 50'000;
// Few, so that they are used again, and enough for the six jobs of four copies that a story has.
inline constexpr int first_port = 20000, last_port = 20023;

/// With raw_exec, one network and nothing else.
model::Node make_node(const std::string& name, const std::string& ip);

}  // namespace caravan::sim
