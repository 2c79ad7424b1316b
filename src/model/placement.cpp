// SPDX-License-Identifier: Apache-2.0
#include "model/placement.hpp"

#include <fmt/core.h>

namespace caravan::model {

std::string to_string(const Constraint& c) {
  return fmt::format("{} {} {}", c.left, c.operand, c.right);
}

}  // namespace caravan::model
