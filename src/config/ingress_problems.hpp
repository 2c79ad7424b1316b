// SPDX-License-Identifier: Apache-2.0
// What of an ingress block no single key can know to be wrong.
#pragma once

#include <string>
#include <vector>

#include "config/ingress_config.hpp"

namespace caravan::config {

struct KeyProblem {
  std::string key, what;
};
std::vector<KeyProblem> ingress_problems(const IngressConfig& config);

}  // namespace caravan::config
