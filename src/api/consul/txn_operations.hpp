// SPDX-License-Identifier: Apache-2.0
// The body of a transaction: what strangers write, as operations on the key-value store. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "wire/kv_commands.hpp"

namespace caravan::api::consul {

/// Keys of the JSON match in any case. Errors: invalid (the JSON, a verb, a key; with the place of
/// the operation), too_large (too many operations, or a value).
base::Result<std::vector<wire::KvOperation>> txn_operations(std::string_view body);

}  // namespace caravan::api::consul
