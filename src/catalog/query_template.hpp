// SPDX-License-Identifier: Apache-2.0
// What a template of queries says for one name: `${name.full}`, `${name.prefix}`, `${name.suffix}`
// and `${match(N)}` in the texts of what it asks are replaced. Source: Consul's public
// documentation of prepared queries.
#pragma once

#include <string>

#include "base/result.hpp"
#include "model/prepared_query.hpp"

namespace caravan::catalog {

/// Errors: invalid (also an expression that cannot be read, or a `${…}` that nobody knows).
base::Status check_query(const model::PreparedQuery& query);

/// The query that a template stands for when `name` is asked; one that is no template is as it was.
/// A match() that the expression does not have, or of a name that it does not match, is "".
/// Precondition: check_query() found nothing, and the name begins with the template's.
model::PreparedQuery rendered(const model::PreparedQuery& query, const std::string& name);

}  // namespace caravan::catalog
