// SPDX-License-Identifier: Apache-2.0
// The devices that this node's operator declares: what the servers are told of them, and what a
// task that was given some finds: nodes in its /dev, and variables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "driver/driver.hpp"
#include "io/disk.hpp"
#include "model/allocation.hpp"

namespace caravan::client {

struct DeviceInstance {
  std::vector<driver::TaskSpec::Device> nodes;
  std::map<std::string, std::string> env;
  std::string pci_bus_id;
};

/// Instances that are alike.
struct DeviceGroup {
  std::map<std::string, DeviceInstance> instances;  // by id
  std::vector<driver::TaskSpec::Device> nodes;      // whoever has an instance gets these too
  std::map<std::string, std::string> attributes, env;
};
using Devices = std::map<std::string, DeviceGroup>;  // by "vendor/type/name"

/// "/dev/x", "/dev/x:/dev/inside" or "/dev/x:/dev/inside:rw". Errors: invalid.
base::Result<driver::TaskSpec::Device> parse_device_path(const std::string& text);

/// An instance is well when all its paths are there.
std::vector<model::NodeDeviceResource> fingerprint_devices(const Devices& devices, io::Disk& disk);

/// What the task gets for the instances that it was given. A variable that several instances give
/// has all their values, with commas; NVIDIA's GPUs give NVIDIA_VISIBLE_DEVICES by themselves.
struct Reservation {
  std::vector<driver::TaskSpec::Device> nodes;
  std::map<std::string, std::string> env;
};
/// Errors: invalid (the operator declares the instance no more).
base::Result<Reservation> reserve_devices(const Devices& devices, const model::Allocation& alloc,
                                          const std::string& task);

}  // namespace caravan::client
