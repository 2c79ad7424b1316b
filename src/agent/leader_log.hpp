// SPDX-License-Identifier: Apache-2.0
// Says in the words that operators of the field look for, and their tools, when this server begins
// to lead. It repeats what other parts have logged in words of their own.
#pragma once

#include "cluster/cluster.hpp"
#include "server/server.hpp"

namespace caravan::agent {

/// Never returns. Main lane. References outlive it.
io::Task<void> tell_leadership(io::World& world, server::Server& server, cluster::Cluster& cluster);

}  // namespace caravan::agent
