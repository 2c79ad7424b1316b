// SPDX-License-Identifier: Apache-2.0
#include "server/service_choice.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace caravan::server {

std::vector<state::Ref<model::ServiceRegistration>> choose(
    std::vector<state::Ref<model::ServiceRegistration>> services, std::size_t count,
    const std::string& key) {
  const auto weight = [&](const state::Ref<model::ServiceRegistration>& service) {
    return std::pair(base::hash64(key + '\0' + service->id), service->id);
  };
  std::ranges::sort(services, std::greater(), weight);
  if (services.size() > count) services.resize(count);
  return services;
}

}  // namespace caravan::server
