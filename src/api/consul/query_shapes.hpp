// SPDX-License-Identifier: Apache-2.0
// Prepared queries as JSON.
#pragma once

#include "api/route.hpp"
#include "json/value.hpp"
#include "model/prepared_query.hpp"

namespace caravan::api::consul {

/// `shows_token`: else one that it has is told as hidden.
json::Object query_json(const model::PreparedQuery& query, bool shows_token);

/// The body of a request; an id and indexes in it do not count. Errors: invalid.
base::Result<model::PreparedQuery> query_of(const Call& call);

}  // namespace caravan::api::consul
