// SPDX-License-Identifier: Apache-2.0
// What an allocation wants of its node's network, with everything interpolated. Pure.
#pragma once

#include "client/network_record.hpp"
#include "model/allocation.hpp"

namespace caravan::client {

struct NetworkOrder {
  base::AllocId alloc_id;
  std::string mode = "host";
  std::string hostname;  // "" = the node's
  std::optional<model::DnsConfig> dns;
  std::map<std::string, std::string> args;  // for CNI plugins
  std::vector<PublishedPort> ports;
  bool has_namespace() const { return mode != "host"; }
};

/// `any_address`: ports of the default host network are published on every address of the host.
NetworkOrder network_order(const model::Allocation& alloc, const model::Node& node,
                           const std::string& region, bool any_address);

}  // namespace caravan::client
