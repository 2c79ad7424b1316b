// SPDX-License-Identifier: Apache-2.0
// Tokens and roles as the command line shows them. Pure.
#pragma once

#include <string>

#include "json/value.hpp"

namespace caravan::cli {

/// With the secret, when the answer has it.
std::string acl_token_view(const json::Value& token);
std::string acl_role_view(const json::Value& role);
/// "2026-11-20 14:13:05.5 +0000 UTC"; "<none>" for no time.
std::string utc_time(const std::string& rfc3339);
/// The names of links, or of what is a name itself.
std::vector<std::string> names_of(const json::Value& links);

}  // namespace caravan::cli
