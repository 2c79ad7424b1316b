// SPDX-License-Identifier: Apache-2.0
#include "client/bridge_conflist.hpp"

namespace caravan::client {
namespace {

using json::Array;
using json::Object;

/// Leases on a file system that a reboot empties: the namespaces that held them are gone then too.
constexpr const char* lease_dir = "/var/run/cni";

}  // namespace

const std::vector<std::string>& bridge_plugins() {
  static const std::vector<std::string> names = {"bridge", "firewall", "host-local", "loopback",
                                                 "portmap"};
  return names;
}

json::Value bridge_conflist(const BridgeConfig& config) {
  Array set, ranges;  // braces would copy the inner list instead of nesting it
  set.push_back(Object{{"subnet", config.subnet}});
  ranges.push_back(std::move(set));
  const Object addresses = {
      {"type", "host-local"},
      {"dataDir", lease_dir},
      {"ranges", ranges},
      {"routes", Array{Object{{"dst", "0.0.0.0/0"}}}},
  };
  const Object bridge = {
      {"type", "bridge"},  {"bridge", config.name}, {"isGateway", true},
      {"ipMasq", true},    {"forceAddress", true},  {"hairpinMode", config.hairpin_mode},
      {"ipam", addresses},
  };
  const Object firewall = {{"type", "firewall"},
                           {"backend", "iptables"},
                           {"iptablesAdminChainName", bridge_admin_chain}};
  const Object portmap = {
      {"type", "portmap"}, {"capabilities", Object{{"portMappings", true}}}, {"snat", true}};
  return Object{{"cniVersion", "0.4.0"},
                {"name", config.name},
                {"plugins", Array{Object{{"type", "loopback"}}, bridge, firewall, portmap}}};
}

}  // namespace caravan::client
