// SPDX-License-Identifier: Apache-2.0
// The one access control, in the shapes that clients of the registry know. There policies have
// ids, and one of them, global-management, stands for tokens of type management.
#pragma once

#include "api/query.hpp"
#include "state/tables.hpp"

namespace caravan::api::consul {

inline constexpr const char* management_policy = "global-management";
inline constexpr const char* management_policy_id = "00000000-0000-0000-0000-000000000001";
/// What the token of those who show none is called where it is to be named.
inline constexpr const char* anonymous_name = "anonymous";

/// Policies are known by their names; the id of one is drawn from it, and so always the same.
std::string policy_id(const std::string& name);
/// The name of the policy with that id; "" when there is none.
std::string policy_name(const state::Tables& tables, const std::string& id);

/// Links in a body, each with an ID or a Name. Errors: invalid (what they name does not exist).
base::Result<std::vector<std::string>> policies_in(const state::Tables& tables, json::Value list);
base::Result<std::vector<base::Uuid>> roles_in(const state::Tables& tables, json::Value list);

/// `secret`: what is shown as such; "" leaves it out.
json::Object token_json(const state::Tables& tables, const model::AclToken& token,
                        const std::string& secret);
json::Object role_json(const model::AclRole& role);
/// Without the rules when `is_stub`.
json::Object policy_json(const model::AclPolicy& policy, bool is_stub);
json::Object management_policy_json(bool is_stub);

}  // namespace caravan::api::consul
