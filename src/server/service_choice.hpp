// SPDX-License-Identifier: Apache-2.0
// Some instances of a service, the same ones for the same asker as long as these live.
#pragma once

#include <string>
#include <vector>

#include "state/tables.hpp"

namespace caravan::server {

/// At most `count`, by rendezvous hashing of `key` with each id: when one goes, only those move
/// that had it.
std::vector<state::Ref<model::ServiceRegistration>> choose(
    std::vector<state::Ref<model::ServiceRegistration>> services, std::size_t count,
    const std::string& key);

}  // namespace caravan::server
