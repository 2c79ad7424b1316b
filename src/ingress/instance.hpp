// SPDX-License-Identifier: Apache-2.0
// One running copy of a service, as far as the ingress cares: where it is and what its tags say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace caravan::ingress {

struct Instance {
  std::string door;     // "consul" (the registry) or "nomad" (native services of jobs)
  std::string service;  // the name
  std::string id;       // of this copy; unique within a door and a node
  std::string node, datacenter, ns;
  std::string address;  // an IP or a host name
  int port = 0;
  int weight = 1;             // as the registration says for passing instances
  std::uint64_t created = 0;  // index of the log: of two that want the same, the older one has it
  std::vector<std::string> tags;
  friend bool operator==(const Instance&, const Instance&) = default;
};

/// Reads what `/v1/ingress/instances` answers. Entries that make no sense are left out.
/// Errors: invalid (no JSON, or no list).
base::Result<std::vector<Instance>> read_instances(std::string_view body);

}  // namespace caravan::ingress
