// SPDX-License-Identifier: Apache-2.0
// Input variables and locals: what `var.x` and `local.y` stand for.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hcl/reader.hpp"
#include "jobspec/jobspec.hpp"

namespace caravan::jobspec {

/// Declares, fills, converts and checks the variables of a file. Sets `var` in `scope`. Variables
/// without a value are errors where the job uses them. Files parsed on the way are added to
/// `files`, because values may be reported with places in them.
void resolve_variables(const hcl::Body& body, const ParseInput& input, hcl::Run& run,
                       hcl::Scope& scope, std::vector<hcl::File>& files);

/// Evaluates all `locals` blocks, in the order in which they need one another. Sets `local`.
void resolve_locals(const hcl::Body& body, hcl::Run& run, hcl::Scope& scope);

}  // namespace caravan::jobspec
