// SPDX-License-Identifier: Apache-2.0
#include "model/node.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::model {
namespace {

void append_pairs(std::string& text, std::string_view title,
                  const std::map<std::string, std::string>& pairs) {
  text += title;
  for (const auto& [key, value] : pairs) {
    if (key.find("unique.") != std::string::npos) continue;
    text += fmt::format("{}={}\n", key, value);
  }
}

}  // namespace

std::string class_signature(const Node& node) {
  std::string text = fmt::format("{}\n{}\n{}\n", node.datacenter, node.node_class, node.node_pool);
  append_pairs(text, "attributes\n", node.attributes);
  append_pairs(text, "meta\n", node.meta);
  for (const auto& [name, driver] : node.drivers)
    text += fmt::format("driver {} {} {}\n", name, driver.detected, driver.healthy);
  for (const auto& [name, volume] : node.host_volumes)
    text += fmt::format("volume {} {}\n", name, volume.read_only);
  for (const auto& [name, network] : node.host_networks)
    text += fmt::format("network {}\n", name);
  for (const NetworkResource& network : node.resources.networks)
    text += fmt::format("mode {}\n", network.mode);
  for (const NodeDeviceResource& group : node.resources.devices) {
    text += fmt::format("device {} {}\n", device_group(group),
                        std::ranges::count_if(group.instances, &NodeDevice::healthy));
    for (const auto& [name, attribute] : group.attributes)
      if (name.find("unique.") == std::string::npos)
        text += fmt::format("{}={}\n", name, to_string(attribute));
  }
  return text;
}

}  // namespace caravan::model
