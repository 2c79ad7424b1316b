// SPDX-License-Identifier: Apache-2.0
// Files to configuration. Reading the files, and their order, is the caller's: all files of a
// directory in alphabetical order, then flags over them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/agent_config.hpp"
#include "hcl/diagnostic.hpp"

namespace caravan::config {

/// Applies one file (HCL or JSON) over what `config` holds. Unknown keys are errors that name the
/// nearest known one.
void apply(AgentConfig& config, std::string file_name, std::string text,
           hcl::Diagnostics& diagnostics);

/// What is wrong with the values, all at once, each with its key and, when a file said it, its
/// place.
std::vector<std::string> problems(const AgentConfig& config);

/// Keys that a file set and that have no effect yet, with their places: "web.hcl:3:
/// server.oidc_issuer". The agent warns of each.
std::vector<std::string> not_built(const AgentConfig& config);

/// Of the keys that were set, those that none of `with_effect` is like (a `*` stands for anything),
/// with their places. Blocks count by their keys.
std::vector<std::string> without_effect(const SetKeys& set,
                                        std::span<const char* const> with_effect);

}  // namespace caravan::config
