// SPDX-License-Identifier: Apache-2.0
// Tokens, policies and roles as the registry's command line shows them, and the flags that name
// them.
#pragma once

#include "cli/command.hpp"
#include "json/value.hpp"

namespace caravan::cli::consul {

std::string token_view(const json::Value& token);
std::string policy_view(const json::Value& policy);
std::string role_view(const json::Value& role);

/// -format=json, or the text that `view` makes; the exit code.
int show(Context& context, const json::Value& value, std::string (*view)(const json::Value&));
/// A list: each as JSON in an array, or one text after the other.
int show_all(Context& context, const json::Value& values, std::string (*view)(const json::Value&));

inline const FlagSpec format_flag = {"format", "pretty|json", "How it is shown. Default: pretty."};

/// Of -policy-id, -policy-name, and the like.
json::Array links(const Flags& flags, const char* id_flag, const char* name_flag);
inline const FlagSpec service_identity_flag = {"service-identity", "name[:dc,…]",
                                               "A service it is. May be repeated."},
                      node_identity_flag = {"node-identity", "name:dc",
                                            "A node it is, and where. May be repeated."};
/// Of these two.
json::Array service_identities(const Flags& flags);
json::Array node_identities(const Flags& flags);

/// The id that a flag gives, or that of the thing which another flag names. `what`: "policy",
/// "role". Errors: invalid (neither flag), not_found.
base::Result<std::string> id_of(Context& context, const std::string& what);

}  // namespace caravan::cli::consul
