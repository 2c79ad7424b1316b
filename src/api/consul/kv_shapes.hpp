// SPDX-License-Identifier: Apache-2.0
// The key-value store and its sessions as JSON, and what requests about them say.
#pragma once

#include "api/route.hpp"
#include "json/value.hpp"
#include "state/tables.hpp"

namespace caravan::api::consul {

/// One entry; a value is null when it is empty or not to be shown.
json::Object entry_json(const model::KvEntry& entry, bool with_value = true);
json::Object session_json(const model::Session& session);

/// The id of a session in a request. Errors: internal, in the words that clients look for.
base::Result<base::Uuid> session_id(const std::string& text);
/// A parameter as a number up to 2^64-1, 0 when it is not there. Errors: invalid.
base::Result<std::uint64_t> unsigned_param(const Call& call, const char* name);
/// Errors: invalid, when more than one of them stands in the request.
base::Status at_most_one_of(const Call& call, std::initializer_list<const char*> names);

}  // namespace caravan::api::consul
