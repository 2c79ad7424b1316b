// SPDX-License-Identifier: Apache-2.0
// What would be lost with a root key.
#pragma once

#include <string>

#include "state/tables.hpp"

namespace caravan::state {

/// Names one thing that still needs the key, "" when nothing does: a variable, or a root of the
/// service mesh, that is sealed with it, or an allocation that lives, has been there before the key
/// was replaced, and whose tasks were given tokens. Looks at every variable and allocation.
std::string root_key_use(const Tables& tables, const wire::RootKey& key);

}  // namespace caravan::state
