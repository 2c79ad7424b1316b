// SPDX-License-Identifier: Apache-2.0
#include "client/devices.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::client {
namespace {

using driver::TaskSpec;

/// What NVIDIA's container runtime looks at.
constexpr const char* nvidia_variable = "NVIDIA_VISIBLE_DEVICES";

void add_node(std::vector<TaskSpec::Device>& nodes, const TaskSpec::Device& node) {
  const auto known = std::ranges::find(nodes, node.task_path, &TaskSpec::Device::task_path);
  if (known == nodes.end()) nodes.push_back(node);
}

void add_value(std::map<std::string, std::string>& env, const std::string& name,
               const std::string& value) {
  std::string& text = env[name];
  text += (text.empty() ? "" : ",") + value;
}

std::string missing_path(const DeviceGroup& group, const DeviceInstance& instance, io::Disk& disk) {
  for (const auto* nodes : {&instance.nodes, &group.nodes})
    for (const TaskSpec::Device& node : *nodes)
      if (!disk.exists(node.host_path)) return node.host_path;
  return "";
}

}  // namespace

base::Result<TaskSpec::Device> parse_device_path(const std::string& text) {
  const std::vector<std::string> parts = base::split(text, ':');
  TaskSpec::Device device;
  device.host_path = parts[0];
  device.task_path = parts.size() > 1 ? parts[1] : parts[0];
  if (parts.size() > 2) device.permissions = parts[2];
  const bool has_paths = device.host_path.starts_with('/') && device.task_path.starts_with('/');
  const bool may = !device.permissions.empty() &&
                   device.permissions.find_first_not_of("rwm") == std::string::npos;
  if (parts.size() > 3 || !has_paths || !may)
    return base::invalid(fmt::format("\"{}\" is not /path, /path:/path or /path:/path:rwm",
                                     base::printable(text, 256)));
  return device;
}

std::vector<model::NodeDeviceResource> fingerprint_devices(const Devices& devices, io::Disk& disk) {
  std::vector<model::NodeDeviceResource> found;
  for (const auto& [key, group] : devices) {
    const model::DeviceName name = model::parse_device_name(key).value_or(model::DeviceName());
    model::NodeDeviceResource& resource = found.emplace_back();
    resource.vendor = name.vendor;
    resource.type = name.type;
    resource.name = name.name;
    for (const auto& [attribute, value] : group.attributes)
      resource.attributes[attribute] = model::parse_attribute(value);
    for (const auto& [id, instance] : group.instances) {
      model::NodeDevice& device = resource.instances.emplace_back();
      device.id = id;
      const std::string missing = missing_path(group, instance, disk);
      device.healthy = missing.empty();
      if (!missing.empty()) device.health_description = missing + " is not there";
      if (!instance.pci_bus_id.empty()) device.locality.emplace().pci_bus_id = instance.pci_bus_id;
    }
  }
  return found;
}

base::Result<Reservation> reserve_devices(const Devices& devices, const model::Allocation& alloc,
                                          const std::string& task) {
  Reservation reservation;
  for (const model::AllocatedDevice& given : alloc.devices) {
    if (given.task != task) continue;
    const std::string name = model::device_group(given);
    const auto group = devices.find(name);
    std::map<std::string, std::string> env;
    for (const std::string& id : given.ids) {
      if (group == devices.end() || !group->second.instances.contains(id))
        return base::invalid(fmt::format("device \"{}\" is no longer declared on this node",
                                         model::device_key(name, id)));
      const DeviceInstance& instance = group->second.instances.at(id);
      for (const TaskSpec::Device& node : instance.nodes)
        add_node(reservation.nodes, node);
      for (const auto& [variable, value] : instance.env)
        add_value(env, variable, value);
      if (given.vendor == "nvidia" && given.type == "gpu" &&
          !instance.env.contains(nvidia_variable) && !group->second.env.contains(nvidia_variable))
        add_value(env, nvidia_variable, id);
    }
    if (group == devices.end()) continue;
    for (const TaskSpec::Device& node : group->second.nodes)
      add_node(reservation.nodes, node);
    for (const auto& [variable, value] : group->second.env)
      env[variable] = value;
    for (const auto& [variable, value] : env)
      add_value(reservation.env, variable, value);
  }
  return reservation;
}

}  // namespace caravan::client
