// SPDX-License-Identifier: Apache-2.0
#include "model/scaling_policy.hpp"

#include <fmt/core.h>

namespace caravan::model {

std::vector<std::string> complaints(const ScalingPolicy& policy, int count) {
  std::vector<std::string> list;
  if (policy.type != "horizontal")
    list.push_back(fmt::format("Type: \"{}\" is not horizontal", policy.type));
  if (policy.min < 0) list.push_back(fmt::format("Min: {} is below 0", policy.min));
  if (policy.max < policy.min)
    list.push_back(fmt::format("Max: {} is below Min {}", policy.max, policy.min));
  else if (count < policy.min || count > policy.max)
    list.push_back(fmt::format("the group's Count {} is outside Min..Max, {}..{}", count,
                               policy.min, policy.max));
  return list;
}

}  // namespace caravan::model
