// SPDX-License-Identifier: Apache-2.0
// The intentions, read: which of them are about a service, and which one decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/intention.hpp"
#include "state/tables.hpp"

namespace caravan::catalog {

/// All of them, by destination; within one, the one that counts first in front.
std::vector<model::Intention> all_intentions(const state::Tables& tables);
/// Those for whoever connects to it, and for whomever it connects to: those with a star instead of
/// its name among them. The one that counts first is in front.
std::vector<model::Intention> intentions_to(const state::Tables& tables,
                                            const std::string& service);
std::vector<model::Intention> intentions_from(const state::Tables& tables,
                                              const std::string& service);
/// What decides whether the one may connect to the other; nothing: the default does.
std::optional<model::Intention> deciding_intention(const state::Tables& tables,
                                                   const std::string& source,
                                                   const std::string& destination);

/// That of the id; nothing when there is none.
std::optional<model::Intention> intention_of(const state::Tables& tables, const base::Uuid& id);
/// Exactly from the one to the other, a star being a name; nothing when there is none.
std::optional<model::Intention> intention_between(const state::Tables& tables,
                                                  const std::string& source,
                                                  const std::string& destination);

}  // namespace caravan::catalog
