// SPDX-License-Identifier: Apache-2.0
// Prepared queries, asked: which one answers to a name, and which instances it selects.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/instances.hpp"

namespace caravan::catalog {

/// What is said of one that is not there; clients know these words.
inline constexpr const char* query_not_found = "Query not found";

/// By id, else by name, else by the template with the longest beginning of that name, filled in.
/// Capitals do not count. Nothing when there is none.
std::optional<model::PreparedQuery> find_query(const state::Tables& tables,
                                               const std::string& id_or_name);

/// The instances that it asks for, in order of node and id: what is critical is none of them, and
/// checks that it ignores have no say.
std::vector<Instance> selected(const state::Tables& tables, const model::QueryService& query);

}  // namespace caravan::catalog
