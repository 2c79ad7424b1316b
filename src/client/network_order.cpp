// SPDX-License-Identifier: Apache-2.0
#include "client/network_order.hpp"

#include "client/task_env.hpp"

namespace caravan::client {
namespace {

bool of_default_network(const model::NetworkResource& network, const std::string& label) {
  for (const std::vector<model::Port>* ports : {&network.reserved_ports, &network.dynamic_ports})
    for (const model::Port& port : *ports)
      if (port.label == label) return port.host_network == "default";
  return true;
}

}  // namespace

NetworkOrder network_order(const model::Allocation& alloc, const model::Node& node,
                           const std::string& region, bool any_address) {
  NetworkOrder order;
  order.alloc_id = alloc.id;
  const model::TaskGroup& group = alloc.task_group();
  if (group.networks.empty()) return order;
  const model::NetworkResource& network = group.networks.front();
  if (!network.mode.empty()) order.mode = network.mode;
  const TaskEnv env({alloc, group.tasks.front(), node, region, {}, {}, {}});
  if (network.dns) {
    order.dns = network.dns;
    for (std::vector<std::string>* list :
         {&order.dns->servers, &order.dns->searches, &order.dns->options})
      for (std::string& item : *list)
        item = env.interpolate(item);
  }
  if (!order.has_namespace()) return order;
  order.hostname = env.interpolate(network.hostname);
  order.args = {{"NOMAD_ALLOC_ID", alloc.id.to_string()},
                {"NOMAD_GROUP_NAME", alloc.group},
                {"NOMAD_JOB_ID", alloc.job->id},
                {"NOMAD_NAMESPACE", alloc.job->ns},
                {"NOMAD_REGION", region}};
  if (network.cni)
    for (const auto& [key, value] : network.cni->args)
      order.args[env.interpolate(key)] = env.interpolate(value);
  for (const model::PortMapping& port : alloc.ports) {
    const bool any = any_address && of_default_network(network, port.label);
    order.ports.push_back(
        {port.value, port.to > 0 ? port.to : port.value, any ? "" : port.host_ip, {}});
  }
  return order;
}

}  // namespace caravan::client
