// SPDX-License-Identifier: Apache-2.0
// A group's network: its mode, its DNS, and the ports it asks for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

/// `value` 0 asks for any port of the node's dynamic range. `to` is the port inside the group's
/// network namespace: 0 = none given, -1 = the same as the host port.
struct Port {
  std::string label;
  int value = 0;
  int to = 0;
  std::string host_network = "default";
  bool ignore_collision = false;
  base::Unknown unknown;
  friend bool operator==(const Port&, const Port&) = default;
};
template <class V>
void fields(V& v, Port& p) {
  v(1, "Label", p.label);
  v(2, "Value", p.value);
  v(3, "To", p.to);
  v(4, "HostNetwork", p.host_network);
  v(5, "IgnoreCollision", p.ignore_collision);
  v.unknown(p.unknown);
}

struct DnsConfig {
  std::vector<std::string> servers, searches, options;
  base::Unknown unknown;
  friend bool operator==(const DnsConfig&, const DnsConfig&) = default;
};
template <class V>
void fields(V& v, DnsConfig& d) {
  v(1, "Servers", d.servers);
  v(2, "Searches", d.searches);
  v(3, "Options", d.options);
  v.unknown(d.unknown);
}

struct CniConfig {
  std::map<std::string, std::string> args;
  base::Unknown unknown;
  friend bool operator==(const CniConfig&, const CniConfig&) = default;
};
template <class V>
void fields(V& v, CniConfig& c) {
  v(1, "Args", c.args);
  v.unknown(c.unknown);
}

struct NetworkResource {
  std::string mode;  // "", "host", "bridge", "none" or "cni/<name>"
  std::string device, cidr, ip;
  std::optional<DnsConfig> dns;
  std::vector<Port> reserved_ports;  // static
  std::vector<Port> dynamic_ports;
  std::string hostname;
  int mbits = 0;
  std::optional<CniConfig> cni;
  base::Unknown unknown;
  friend bool operator==(const NetworkResource&, const NetworkResource&) = default;
};
template <class V>
void fields(V& v, NetworkResource& n) {
  v(1, "Mode", n.mode);
  v(2, "Device", n.device);
  v(3, "CIDR", n.cidr);
  v(4, "IP", n.ip);
  v(5, "Hostname", n.hostname);
  v(6, "MBits", n.mbits);
  v(7, "DNS", n.dns);
  v(8, "ReservedPorts", n.reserved_ports);
  v(9, "DynamicPorts", n.dynamic_ports);
  v(10, "CNI", n.cni);
  v.unknown(n.unknown);
}

/// A port that was given to an allocation.
struct PortMapping {
  std::string label;
  int value = 0;  // on the host
  int to = 0;     // inside the namespace
  std::string host_ip;
  base::Unknown unknown;
  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};
template <class V>
void fields(V& v, PortMapping& p) {
  v(1, "Label", p.label);
  v(2, "Value", p.value);
  v(3, "To", p.to);
  v(4, "HostIP", p.host_ip);
  v.unknown(p.unknown);
}

}  // namespace caravan::model
