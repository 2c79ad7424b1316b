// SPDX-License-Identifier: Apache-2.0
// The body of a transaction: what strangers write, as operations on keys, nodes, services and
// checks. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "wire/txn_commands.hpp"

namespace caravan::api::consul {

/// Keys of the JSON match in any case. What a caller was allowed to touch (`known_…`) is not said
/// yet. Errors: invalid (the JSON, a verb, a key; with the place of the operation), too_large (too
/// many operations, or a value).
base::Result<std::vector<wire::TxnOperation>> txn_operations(std::string_view body);

}  // namespace caravan::api::consul
