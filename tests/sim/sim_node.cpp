// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_node.hpp"

#include "client/bridge_conflist.hpp"

namespace caravan::sim {

model::Node make_node(const std::string& name, const std::string& ip) {
  model::Node node;
  node.name = name;
  node.resources.cpu = {node_cpu, 4, {0, 1, 2, 3}, {}};
  node.resources.memory.mb = node_memory_mb;
  node.resources.disk.mb = node_disk_mb;
  node.resources.min_dynamic_port = first_port;
  node.resources.max_dynamic_port = last_port;
  model::NodeNetwork network;
  network.mode = "host";
  network.device = "eth0";
  network.addresses.push_back({"ipv4", "default", ip, "", "", {}});
  node.resources.node_networks.push_back(std::move(network));
  model::NetworkResource host;
  host.mode = "host";
  host.device = "eth0";
  host.ip = ip;
  host.cidr = ip + "/32";
  node.resources.networks.push_back(std::move(host));
  model::NetworkResource bridge;
  bridge.mode = "bridge";
  node.resources.networks.push_back(std::move(bridge));
  for (const std::string& plugin : client::bridge_plugins())
    node.attributes["plugins.cni.version." + plugin] = "v1.0.0";
  node.attributes["kernel.name"] = "linux";
  node.drivers["raw_exec"] = {{}, true, true, "Healthy", {}, {}};
  node.attributes["driver.raw_exec"] = "1";
  return node;
}

}  // namespace caravan::sim
