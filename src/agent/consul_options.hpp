// SPDX-License-Identifier: Apache-2.0
// `caravan consul agent`: the flags and files of Consul's agent become one configuration.
#pragma once

#include "agent/options.hpp"

namespace caravan::agent {

/// Errors: invalid, with all that is wrong, ready to be printed.
base::Result<Options> read_consul_options(const std::vector<std::string>& arguments,
                                          io::Disk& disk);
std::string consul_agent_usage();

}  // namespace caravan::agent
