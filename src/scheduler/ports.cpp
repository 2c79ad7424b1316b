// SPDX-License-Identifier: Apache-2.0
#include "scheduler/ports.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::scheduler {
namespace {

std::string host_ip(const model::Node& node, const std::string& alias) {
  for (const model::NodeNetwork& network : node.resources.node_networks)
    for (const model::NodeNetworkAddress& address : network.addresses)
      if (address.alias == alias) return address.address;
  static const std::string own_address = "unique.network.ip-address";
  const auto ip = node.attributes.find(own_address);
  return ip == node.attributes.end() ? "" : ip->second;
}

/// `to` 0 means the same number inside; -1 the same, said aloud.
int inside(const model::Port& port, int value) {
  return port.to > 0 ? port.to : port.to == -1 ? value : 0;
}

class Assignment {
 public:
  Assignment(const Fleet& fleet, Row row, std::uint64_t seed)
      : node_(*fleet.node(row)),
        held_(fleet.held(row)),
        reserved_(fleet.reserved_ports(row)),
        seed_(seed) {}

  /// "" when all ports of the network are given.
  std::string add(const model::NetworkResource& network) {
    for (const model::Port& port : network.reserved_ports) {
      if (is_taken(port.value) && !port.ignore_collision)
        return fmt::format("network: reserved port collision {}={}", port.label, port.value);
      give(port, port.value);
    }
    for (const model::Port& port : network.dynamic_ports) {
      const int found = find_dynamic();
      if (found < 0) return "network: dynamic port selection failed";
      give(port, found);
    }
    return "";
  }
  std::vector<model::PortMapping> given;

 private:
  static bool contains(const std::vector<std::uint16_t>& ports, int value) {
    return std::ranges::binary_search(ports, static_cast<std::uint16_t>(value));
  }
  bool is_taken(int value) const {
    return contains(held_.ports, value) || contains(reserved_, value) ||
           std::ranges::find(given, value, &model::PortMapping::value) != given.end();
  }
  int find_dynamic() const {
    const int low = node_.resources.min_dynamic_port, high = node_.resources.max_dynamic_port;
    const auto width = static_cast<std::uint64_t>(std::max(high - low + 1, 0));
    for (std::uint64_t step = 0; step < width; ++step) {
      const int value = low + static_cast<int>((seed_ + step) % width);
      if (!is_taken(value) && !contains(held_.leaving, value)) return value;
    }
    return -1;
  }
  void give(const model::Port& port, int value) {
    given.push_back(
        {port.label, value, inside(port, value), host_ip(node_, port.host_network), {}});
  }

  const model::Node& node_;
  const Held& held_;
  const std::vector<std::uint16_t>& reserved_;
  std::uint64_t seed_;
};

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

std::expected<std::vector<model::PortMapping>, std::string> assign_ports(
    const Fleet& fleet, Row row, const model::TaskGroup& group, std::uint64_t seed) {
  Assignment assignment(fleet, row, seed);
  for (const model::NetworkResource& network : group.networks)
    if (std::string dimension = assignment.add(network); !dimension.empty())
      return std::unexpected(dimension);
  for (const model::Task& task : group.tasks)
    for (const model::NetworkResource& network : task.resources.networks)
      if (std::string dimension = assignment.add(network); !dimension.empty())
        return std::unexpected(dimension);
  return std::move(assignment.given);
}

std::vector<int> assign_cores(const Fleet& fleet, Row row, int count) {
  std::vector<int> cores;
  const std::vector<int>& taken = fleet.held(row).cores;
  for (int core = 0; core < fleet.capacity(row).cores && std::ssize(cores) < count; ++core)
    if (!std::ranges::binary_search(taken, core)) cores.push_back(core);
  return cores;
}

}  // namespace caravan::scheduler
