// SPDX-License-Identifier: Apache-2.0
#include "model/kv.hpp"

#include <fmt/core.h>

namespace caravan::model {

std::string kv_key_complaint(const std::string& key) {
  if (key.empty()) return "Missing key name";
  if (key.size() > kv_key_max)
    return fmt::format("Key name is too long: {} bytes are above {}", key.size(), kv_key_max);
  return "";
}

}  // namespace caravan::model
