// SPDX-License-Identifier: Apache-2.0
#include "model/deployment.hpp"

#include <algorithm>

namespace caravan::model {
namespace {

bool any_awaits(const Deployment& deployment) {
  return std::ranges::any_of(deployment.groups,
                             [](const auto& entry) { return entry.second.awaits_promotion(); });
}

}  // namespace

bool promotes_itself(const Deployment& deployment) {
  return any_awaits(deployment) && std::ranges::all_of(deployment.groups, [](const auto& entry) {
           return !entry.second.awaits_promotion() || entry.second.auto_promote;
         });
}

std::string running_description(const Deployment& deployment) {
  if (!any_awaits(deployment)) return "Deployment is running";
  return promotes_itself(deployment) ? "Deployment is running pending automatic promotion"
                                     : "Deployment is running but requires manual promotion";
}

}  // namespace caravan::model
