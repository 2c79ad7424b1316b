// SPDX-License-Identifier: Apache-2.0
// Devices of a node (GPUs, FPGAs, …): groups of alike instances with attributes, and what an
// allocation has of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/field.hpp"

namespace caravan::model {

/// One of a number, a text or a truth; a number may have a unit: "11 GiB", "1.2 GHz".
struct DeviceAttribute {
  std::optional<double> real;
  std::optional<std::int64_t> whole;
  std::optional<std::string> text;
  std::optional<bool> truth;
  std::string unit;
  base::Unknown unknown;
  friend bool operator==(const DeviceAttribute&, const DeviceAttribute&) = default;
};
template <class V>
void fields(V& v, DeviceAttribute& a) {
  v(1, "Float", a.real, omit_empty);
  v(2, "Int", a.whole, omit_empty);
  v(3, "String", a.text, omit_empty);
  v(4, "Bool", a.truth, omit_empty);
  v(5, "Unit", a.unit);
  v.unknown(a.unknown);
}

/// Never fails: what is neither a number, with a known unit or without, nor true or false, is text.
DeviceAttribute parse_attribute(std::string_view text);
std::string to_string(const DeviceAttribute& attribute);
/// Below 0, 0 or above 0; nothing when they cannot be compared (a text and a number, MHz and MiB).
std::optional<int> compare(const DeviceAttribute& a, const DeviceAttribute& b);

struct DeviceLocality {
  std::string pci_bus_id;
  base::Unknown unknown;
  friend bool operator==(const DeviceLocality&, const DeviceLocality&) = default;
};
template <class V>
void fields(V& v, DeviceLocality& l) {
  v(1, "PciBusID", l.pci_bus_id);
  v.unknown(l.unknown);
}

struct NodeDevice {
  std::string id;
  bool healthy = false;
  std::string health_description;
  std::optional<DeviceLocality> locality;
  base::Unknown unknown;
  friend bool operator==(const NodeDevice&, const NodeDevice&) = default;
};
template <class V>
void fields(V& v, NodeDevice& d) {
  v(1, "ID", d.id);
  v(2, "Healthy", d.healthy);
  v(3, "HealthDescription", d.health_description);
  v(4, "Locality", d.locality);
  v.unknown(d.unknown);
}

/// Instances that are alike.
struct NodeDeviceResource {
  std::string vendor, type, name;
  std::vector<NodeDevice> instances;
  std::map<std::string, DeviceAttribute> attributes;
  base::Unknown unknown;
  friend bool operator==(const NodeDeviceResource&, const NodeDeviceResource&) = default;
};
template <class V>
void fields(V& v, NodeDeviceResource& r) {
  v(1, "Vendor", r.vendor);
  v(2, "Type", r.type);
  v(3, "Name", r.name);
  v(4, "Instances", r.instances);
  v(5, "Attributes", r.attributes);
  v.unknown(r.unknown);
}

/// Instances that one task of an allocation has.
struct AllocatedDevice {
  std::string task, vendor, type, name;
  std::vector<std::string> ids;
  base::Unknown unknown;
  friend bool operator==(const AllocatedDevice&, const AllocatedDevice&) = default;
};
template <class V>
void fields(V& v, AllocatedDevice& d) {
  v(1, "Task", d.task);
  v(2, "Vendor", d.vendor);
  v(3, "Type", d.type);
  v(4, "Name", d.name);
  v(5, "DeviceIDs", d.ids);
  v.unknown(d.unknown);
}

/// "vendor/type/name", of a node's group or of what was given.
template <class Group>
std::string device_group(const Group& group) {
  return group.vendor + "/" + group.type + "/" + group.name;
}
/// A name for one instance on a node.
inline std::string device_key(const std::string& group, const std::string& id) {
  return group + "[" + id + "]";
}

/// "type", "vendor/type" or "vendor/type/name", where the name may have more slashes; empty parts
/// were left out. Errors: invalid.
struct DeviceName {
  std::string vendor, type, name;
};
base::Result<DeviceName> parse_device_name(std::string_view text);

}  // namespace caravan::model
