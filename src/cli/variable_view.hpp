// SPDX-License-Identifier: Apache-2.0
// How `var` verbs show a variable, and where one is found.
#pragma once

#include "cli/command.hpp"

namespace caravan::cli {

/// "/v1/var/app/db"
std::string variable_path(const std::string& path);

/// As -out says: table, json, hcl, none, go-template with -template. Without -out, `on_terminal`
/// where a person reads, JSON elsewhere. Returns the exit code.
int show_variable(Context& context, const json::Value& variable, const std::string& on_terminal);

/// Whether a person reads what is written.
bool is_terminal();

std::vector<FlagSpec> variable_out_flags(const std::string& formats);

}  // namespace caravan::cli
