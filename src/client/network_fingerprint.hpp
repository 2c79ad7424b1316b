// SPDX-License-Identifier: Apache-2.0
// Which network modes this node can offer. A mode is offered only when everything that it takes is
// there; what is missing is said once, with the package that has it.
#pragma once

#include "client/alloc_network.hpp"
#include "model/node.hpp"

namespace caravan::client {

/// Adds attributes of the CNI plugins and the modes "bridge" and "cni/<name>".
io::Task<void> fingerprint_networks(model::Node& node, const NetworkConfig& config,
                                    io::World& world, io::Logger log);

}  // namespace caravan::client
