// SPDX-License-Identifier: Apache-2.0
// The datacenters of other regions. A datacenter is the registry of a region: all servers of the
// region answer for it, in whichever datacenter they say they are themselves. Pure.
#pragma once

#include "cluster/cluster.hpp"

namespace caravan::cluster {

/// Those whose servers have not left, by name. What a server of this region calls its own is none
/// of them.
std::vector<std::string> other_datacenters(const View& view);

/// The servers there that can be heard; none of a datacenter that is ours. Names ought to be those
/// of one region: of several, it is the first one by name that has such servers.
std::vector<rpc::Whom> servers_in(const View& view, std::string_view datacenter);

}  // namespace caravan::cluster
