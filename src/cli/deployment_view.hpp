// SPDX-License-Identifier: Apache-2.0
// Deployments as text. Pure.
#pragma once

#include <string>

#include "cli/format.hpp"

namespace caravan::cli {

std::string deployment_table(const json::Value& deployments, bool verbose);
/// The whole block: keys, then "Deployed" with a row per group. `with_job` is for a deployment that
/// stands alone, not under its job.
std::string deployment_block(const json::Value& deployment, bool verbose, bool with_job);

}  // namespace caravan::cli
