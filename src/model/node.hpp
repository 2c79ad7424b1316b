// SPDX-License-Identifier: Apache-2.0
// A machine that runs allocations: what it is, what it offers, and whether it may be given work.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/device.hpp"
#include "model/network.hpp"

namespace caravan::model {

enum class NodeStatus { initializing, ready, down, disconnected };
constexpr auto enum_names(NodeStatus) {
  return std::array{"initializing"sv, "ready"sv, "down"sv, "disconnected"sv};
}

struct NodeCpu {
  std::int64_t shares = 0;  // MHz in all
  int cores = 0;
  std::vector<int> reservable_cores;
  base::Unknown unknown;
  friend bool operator==(const NodeCpu&, const NodeCpu&) = default;
};
template <class V>
void fields(V& v, NodeCpu& c) {
  v(1, "CpuShares", c.shares);
  v(2, "TotalCpuCores", c.cores);
  v(3, "ReservableCpuCores", c.reservable_cores);
  v.unknown(c.unknown);
}

struct NodeMemory {
  std::int64_t mb = 0;
  base::Unknown unknown;
  friend bool operator==(const NodeMemory&, const NodeMemory&) = default;
};
template <class V>
void fields(V& v, NodeMemory& m) {
  v(1, "MemoryMB", m.mb);
  v.unknown(m.unknown);
}

struct NodeDisk {
  std::int64_t mb = 0;
  base::Unknown unknown;
  friend bool operator==(const NodeDisk&, const NodeDisk&) = default;
};
template <class V>
void fields(V& v, NodeDisk& d) {
  v(1, "DiskMB", d.mb);
  v.unknown(d.unknown);
}

struct NodeNetworkAddress {
  std::string family, alias = "default", address, reserved_ports, gateway;
  base::Unknown unknown;
  friend bool operator==(const NodeNetworkAddress&, const NodeNetworkAddress&) = default;
};
template <class V>
void fields(V& v, NodeNetworkAddress& a) {
  v(1, "Family", a.family);
  v(2, "Alias", a.alias);
  v(3, "Address", a.address);
  v(4, "ReservedPorts", a.reserved_ports);
  v(5, "Gateway", a.gateway);
  v.unknown(a.unknown);
}

struct NodeNetwork {
  std::string mode, device, mac;
  int speed = 0;
  std::vector<NodeNetworkAddress> addresses;
  base::Unknown unknown;
  friend bool operator==(const NodeNetwork&, const NodeNetwork&) = default;
};
template <class V>
void fields(V& v, NodeNetwork& n) {
  v(1, "Mode", n.mode);
  v(2, "Device", n.device);
  v(3, "MacAddress", n.mac);
  v(4, "Speed", n.speed);
  v(5, "Addresses", n.addresses);
  v.unknown(n.unknown);
}

struct NodeResources {
  NodeCpu cpu;
  NodeMemory memory;
  NodeDisk disk;
  std::vector<NetworkResource> networks;
  std::vector<NodeNetwork> node_networks;
  int min_dynamic_port = 20000, max_dynamic_port = 32000;
  std::vector<NodeDeviceResource> devices;
  base::Unknown unknown;
  friend bool operator==(const NodeResources&, const NodeResources&) = default;
};
template <class V>
void fields(V& v, NodeResources& r) {
  v(1, "Cpu", r.cpu);
  v(2, "Memory", r.memory);
  v(3, "Disk", r.disk);
  v(4, "Networks", r.networks);
  v(5, "NodeNetworks", r.node_networks);
  v(6, "MinDynamicPort", r.min_dynamic_port);
  v(7, "MaxDynamicPort", r.max_dynamic_port);
  v(8, "Devices", r.devices);
  v.unknown(r.unknown);
}

struct ReservedPorts {
  std::string host_ports;  // "22,80,8500-8600"
  base::Unknown unknown;
  friend bool operator==(const ReservedPorts&, const ReservedPorts&) = default;
};
template <class V>
void fields(V& v, ReservedPorts& p) {
  v(1, "ReservedHostPorts", p.host_ports);
  v.unknown(p.unknown);
}

/// What the operator keeps back from allocations.
struct NodeReserved {
  NodeCpu cpu;
  NodeMemory memory;
  NodeDisk disk;
  ReservedPorts networks;
  base::Unknown unknown;
  friend bool operator==(const NodeReserved&, const NodeReserved&) = default;
};
template <class V>
void fields(V& v, NodeReserved& r) {
  v(1, "Cpu", r.cpu);
  v(2, "Memory", r.memory);
  v(3, "Disk", r.disk);
  v(4, "Networks", r.networks);
  v.unknown(r.unknown);
}

struct DriverInfo {
  std::map<std::string, std::string> attributes;
  bool detected = false, healthy = false;
  std::string health_description;
  base::Instant update_time;
  base::Unknown unknown;
  friend bool operator==(const DriverInfo&, const DriverInfo&) = default;
};
template <class V>
void fields(V& v, DriverInfo& d) {
  v(1, "Attributes", d.attributes);
  v(2, "Detected", d.detected);
  v(3, "Healthy", d.healthy);
  v(4, "HealthDescription", d.health_description);
  v(5, "UpdateTime", d.update_time);
  v.unknown(d.unknown);
}

struct HostVolume {
  std::string path;
  bool read_only = false;
  std::string id;
  base::Unknown unknown;
  friend bool operator==(const HostVolume&, const HostVolume&) = default;
};
template <class V>
void fields(V& v, HostVolume& h) {
  v(1, "Path", h.path);
  v(2, "ReadOnly", h.read_only);
  v(3, "ID", h.id);
  v.unknown(h.unknown);
}

struct HostNetwork {
  std::string name, cidr, interface, reserved_ports;
  base::Unknown unknown;
  friend bool operator==(const HostNetwork&, const HostNetwork&) = default;
};
template <class V>
void fields(V& v, HostNetwork& n) {
  v(1, "Name", n.name);
  v(2, "CIDR", n.cidr);
  v(3, "Interface", n.interface);
  v(4, "ReservedPorts", n.reserved_ports);
  v.unknown(n.unknown);
}

struct NodeEvent {
  std::string message, subsystem;
  std::map<std::string, std::string> details;
  base::Instant timestamp;
  std::uint64_t create_index = 0;
  base::Unknown unknown;
  friend bool operator==(const NodeEvent&, const NodeEvent&) = default;
};
template <class V>
void fields(V& v, NodeEvent& e) {
  v(1, "Message", e.message);
  v(2, "Subsystem", e.subsystem);
  v(3, "Details", e.details);
  v(4, "Timestamp", e.timestamp);
  v(5, "CreateIndex", e.create_index);
  v.unknown(e.unknown);
}

struct DrainStrategy {
  base::Duration deadline{0};
  bool ignore_system_jobs = false;
  base::Instant force_deadline, started_at;
  base::Unknown unknown;
  friend bool operator==(const DrainStrategy&, const DrainStrategy&) = default;
};
template <class V>
void fields(V& v, DrainStrategy& d) {
  v(1, "Deadline", d.deadline);
  v(2, "IgnoreSystemJobs", d.ignore_system_jobs);
  v(3, "ForceDeadline", d.force_deadline);
  v(4, "StartedAt", d.started_at);
  v.unknown(d.unknown);
}

struct Node {
  base::NodeId id;
  base::Uuid secret_id;  // proves the node to the servers; never shown
  std::string datacenter = "dc1", name, http_addr;
  bool tls_enabled = false;
  std::map<std::string, std::string> attributes;
  NodeResources resources;
  NodeReserved reserved;
  std::map<std::string, std::string> links, meta;
  std::string node_class, node_pool = "default", computed_class, cgroup_parent;
  std::optional<DrainStrategy> drain;
  bool eligible = true;
  NodeStatus status = NodeStatus::initializing;
  std::string status_description;
  std::int64_t status_updated_at = 0;  // unix seconds
  std::vector<NodeEvent> events;       // the last 10
  std::map<std::string, DriverInfo> drivers;
  std::map<std::string, HostVolume> host_volumes;
  std::map<std::string, HostNetwork> host_networks;
  json::Value last_drain;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  /// Nobody hears from it.
  bool is_silent() const {
    return status == NodeStatus::down || status == NodeStatus::disconnected;
  }
  bool is_ready() const { return status == NodeStatus::ready && eligible && !drain; }
  friend bool operator==(const Node&, const Node&) = default;
};
template <class V>
void fields(V& v, Node& n) {
  v(1, "ID", n.id);
  v(2, "SecretID", n.secret_id);
  v(3, "Datacenter", n.datacenter);
  v(4, "Name", n.name);
  v(5, "HTTPAddr", n.http_addr);
  v(6, "TLSEnabled", n.tls_enabled);
  v(7, "Attributes", n.attributes);
  v(8, "NodeResources", n.resources);
  v(9, "ReservedResources", n.reserved);
  v(10, "Links", n.links);
  v(11, "Meta", n.meta);
  v(12, "NodeClass", n.node_class);
  v(13, "NodePool", n.node_pool);
  v(14, "ComputedClass", n.computed_class);
  v(15, "CgroupParent", n.cgroup_parent);
  v(16, "DrainStrategy", n.drain);
  v(17, "Eligible", n.eligible);
  v(18, "Status", n.status);
  v(19, "StatusDescription", n.status_description);
  v(20, "StatusUpdatedAt", n.status_updated_at);
  v(21, "Events", n.events);
  v(22, "Drivers", n.drivers);
  v(23, "HostVolumes", n.host_volumes);
  v(24, "HostNetworks", n.host_networks);
  v(25, "LastDrain", n.last_drain);
  v(26, "CreateIndex", n.create_index);
  v(27, "ModifyIndex", n.modify_index);
  v.unknown(n.unknown);
}

/// The newest events are kept, as the peers do.
inline constexpr std::size_t node_events_max = 10;

/// The text over which the computed class is hashed: everything that is the same for equal
/// machines, so that feasibility is decided once per class. Keys with "unique." stay out.
std::string class_signature(const Node& node);

}  // namespace caravan::model
