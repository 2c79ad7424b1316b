// SPDX-License-Identifier: Apache-2.0
// A task in the network of its group. The engine joins networks by the container that has them and
// not by a path, so a container of ours enters the namespace and does nothing else: the task's
// container then joins "that container's" network. One per run, with the run's label, so that both
// come and go together.
#pragma once

#include "driver/docker/api.hpp"
#include "driver/docker/config.hpp"
#include "driver/driver.hpp"

namespace caravan::driver::docker {

/// The request that makes it. `folder`: the run's, where it says that it is there. Pure.
json::Value holder_request(const TaskSpec& spec, const Config& config, const Options& options,
                           const std::string& run, const std::string& folder);

/// Returns when the network can be joined. Errors: io, timeout.
io::Task<base::Status> hold_network(Api& api, const TaskSpec& spec, const Config& config,
                                    const Options& options, const std::string& run,
                                    const std::string& folder);

}  // namespace caravan::driver::docker
