// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "model/allocation.hpp"

namespace caravan::client {

/// What a node calls an allocation whose tasks are in these states (facts 7.4).
model::ClientStatus client_status(const std::map<std::string, model::TaskState>& states);
std::string client_description(model::ClientStatus status);

}  // namespace caravan::client
