// SPDX-License-Identifier: Apache-2.0
// A device of the host as a container is told of it.
#pragma once

#include "driver/driver.hpp"
#include "driver/oci.hpp"

namespace caravan::driver {

/// Errors: invalid (there is no device at that path).
base::Result<Bundle::Device> device_node(const TaskSpec::Device& device);

}  // namespace caravan::driver
