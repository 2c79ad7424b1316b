// SPDX-License-Identifier: Apache-2.0
// Addresses that name network interfaces instead of numbers:
//   {{ GetInterfaceIP "eth0" }}
//   {{ GetPrivateInterfaces | include "name" "wg0" | attr "address" }}
// as HashiCorp's tools accept them wherever an address is configured.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace caravan::config {

/// One address of one interface.
struct InterfaceAddress {
  std::string name;     // of the interface
  std::string address;  // "10.0.0.1" or "fe80::1"
  int prefix_length = 32;
  bool up = true;
  bool loopback = false;
  bool default_route = false;  // the interface carries the default route
};

class Interfaces {
 public:
  virtual ~Interfaces() = default;
  virtual base::Result<std::vector<InterfaceAddress>> list() = 0;
};

/// Replaces every `{{ … }}` in `text`. Sources: GetAllInterfaces, GetDefaultInterfaces,
/// GetPrivateInterfaces, GetPublicInterfaces, GetPrivateIP(s), GetPublicIP(s), GetInterfaceIP(s).
/// Steps: include, exclude, sort, limit, offset, unique, attr, join. Errors: invalid, naming the
/// template; not_found when it finds no address.
base::Result<std::string> render_address(std::string_view text, Interfaces& interfaces);

}  // namespace caravan::config
