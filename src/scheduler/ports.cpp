// SPDX-License-Identifier: Apache-2.0
#include "scheduler/ports.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::scheduler {
namespace {

constexpr int port_max = 65535;

std::string host_ip(const model::Node& node, const std::string& alias) {
  for (const model::NodeNetwork& network : node.resources.node_networks)
    for (const model::NodeNetworkAddress& address : network.addresses)
      if (address.alias == alias) return address.address;
  const auto ip = node.attributes.find("unique.network.ip-address");
  return ip == node.attributes.end() ? "" : ip->second;
}

/// `to` 0 means the same number inside; -1 the same, said aloud.
int inside(const model::Port& port, int value) {
  return port.to > 0 ? port.to : port.to == -1 ? value : 0;
}

}  // namespace

std::vector<int> parse_port_list(std::string_view text) {
  std::vector<int> ports;
  for (const std::string& part : base::split(text, ',')) {
    const std::string_view item = base::trim(part);
    const std::size_t dash = item.find('-');
    const base::Result<long long> low = base::parse_int(item.substr(0, dash));
    const base::Result<long long> high =
        dash == std::string_view::npos ? low : base::parse_int(item.substr(dash + 1));
    if (!low || !high || *low < 0 || *high > port_max) continue;
    for (long long port = *low; port <= *high; ++port)
      ports.push_back(static_cast<int>(port));
  }
  return ports;
}

PortMap::PortMap(const model::Node& node) : node_(node) {
  for (const int port : parse_port_list(node.reserved.networks.host_ports))
    taken_.set(static_cast<std::size_t>(port));
}

void PortMap::take(const model::Allocation& alloc) {
  for (const model::PortMapping& port : alloc.ports)
    if (port.value >= 0 && port.value <= port_max) taken_.set(static_cast<std::size_t>(port.value));
}

void PortMap::avoid(const model::Allocation& alloc) {
  for (const model::PortMapping& port : alloc.ports)
    if (port.value >= 0 && port.value <= port_max)
      avoided_.set(static_cast<std::size_t>(port.value));
}

std::expected<std::vector<model::PortMapping>, std::string> PortMap::assign(
    const model::TaskGroup& group, std::uint64_t seed) {
  std::vector<model::PortMapping> given;
  Ports mine;
  const auto assign_network = [&](const model::NetworkResource& network) -> std::string {
    for (const model::Port& port : network.reserved_ports) {
      const auto at = static_cast<std::size_t>(std::clamp(port.value, 0, port_max));
      if ((taken_[at] || mine[at]) && !port.ignore_collision)
        return fmt::format("network: reserved port collision {}={}", port.label, port.value);
      mine.set(at);
      given.push_back({port.label,
                       port.value,
                       inside(port, port.value),
                       host_ip(node_, port.host_network),
                       {}});
    }
    const int low = node_.resources.min_dynamic_port, high = node_.resources.max_dynamic_port;
    const int width = high - low + 1;
    for (const model::Port& port : network.dynamic_ports) {
      int found = -1;
      for (int step = 0; step < width && found < 0; ++step) {
        const int value = low + static_cast<int>((seed + static_cast<std::uint64_t>(step)) %
                                                 static_cast<std::uint64_t>(width));
        const auto at = static_cast<std::size_t>(value);
        if (!taken_[at] && !mine[at] && !avoided_[at]) found = value;
      }
      if (found < 0) return "network: dynamic port selection failed";
      mine.set(static_cast<std::size_t>(found));
      given.push_back(
          {port.label, found, inside(port, found), host_ip(node_, port.host_network), {}});
    }
    return "";
  };
  for (const model::NetworkResource& network : group.networks)
    if (std::string dimension = assign_network(network); !dimension.empty())
      return std::unexpected(dimension);
  for (const model::Task& task : group.tasks)
    for (const model::NetworkResource& network : task.resources.networks)
      if (std::string dimension = assign_network(network); !dimension.empty())
        return std::unexpected(dimension);
  return given;
}

}  // namespace caravan::scheduler
