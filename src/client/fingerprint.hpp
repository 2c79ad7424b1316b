// SPDX-License-Identifier: Apache-2.0
// What this machine is: attributes and resources of the node, read from the kernel once at start.
#pragma once

#include "base/result.hpp"
#include "driver/driver.hpp"
#include "model/node.hpp"

namespace caravan::client {

struct FingerprintConfig {
  std::string alloc_dir, network_interface, version;
  std::int64_t cpu_mhz_override = 0, memory_mb_override = 0, disk_mb_override = 0;
};

/// Fills attributes, resources and networks. Errors: invalid (the interface does not exist).
base::Status fingerprint_host(model::Node& node, const FingerprintConfig& config);
io::Task<void> fingerprint_drivers(model::Node& node,
                                   std::map<std::string, std::unique_ptr<driver::Driver>>& drivers,
                                   base::Instant now);
/// What is known of one driver takes the place of what was known.
void set_driver(model::Node& node, const std::string& name, const driver::Fingerprint& print,
                base::Instant now);

}  // namespace caravan::client
