// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/key_reader.hpp"

namespace caravan::config {

void apply(AgentConfig& config, std::string file_name, std::string text,
           hcl::Diagnostics& diagnostics) {
  read_keys(config, std::move(file_name), std::move(text), diagnostics);
}

}  // namespace caravan::config
