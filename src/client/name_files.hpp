// SPDX-License-Identifier: Apache-2.0
// The texts of resolv.conf and hosts for a group with a network of its own. Pure.
#pragma once

#include <string>

#include "model/network.hpp"

namespace caravan::client {

/// `host`: the node's own resolv.conf, whose nameservers serve when the group names none.
std::string resolv_conf(const model::DnsConfig& dns, const std::string& host);

/// Whether all nameservers of a resolv.conf are on loopback addresses, where another network
/// namespace finds nobody.
bool serves_only_itself(const std::string& resolv_conf);

std::string hosts_file(const std::string& address, const std::string& hostname);

}  // namespace caravan::client
