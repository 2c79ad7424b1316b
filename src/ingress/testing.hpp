// SPDX-License-Identifier: Apache-2.0
// What the tests of this chapter begin with.
#pragma once

#include "ingress/instance.hpp"
#include "ingress/settings.hpp"

namespace caravan::ingress {

inline Settings usual_settings() {
  Settings settings;
  settings.entry_points = {{"proxy", "0.0.0.0", 9999, false, false, ""}};
  return settings;
}

inline Instance one_of(std::string service, std::vector<std::string> tags, int number = 1) {
  Instance instance;
  instance.door = "consul";
  instance.service = std::move(service);
  instance.id = instance.service + std::to_string(number);
  instance.node = "n" + std::to_string(number);
  instance.address = "10.0.0." + std::to_string(number);
  instance.port = 8080;
  instance.created = static_cast<std::uint64_t>(number);
  instance.tags = std::move(tags);
  return instance;
}

}  // namespace caravan::ingress
