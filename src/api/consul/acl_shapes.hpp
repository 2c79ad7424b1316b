// SPDX-License-Identifier: Apache-2.0
// The one access control, in the shapes that clients of the registry know. There policies have
// ids, and one of them, global-management, stands for tokens of type management.
#pragma once

#include "api/consul/members.hpp"
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

/// What a request names that is not there. Its code: not_found.
std::unexpected<base::Error> no_such(std::string_view what);
/// What is left of a body that has been read: what clients send back of an answer is ignored.
/// Errors: invalid (a member that is not known).
base::Status nothing_left(Members& members);
/// What a deletion answers: what is not there is gone already.
template <class T>
base::Result<Answer> deleted(const base::Result<T>& outcome) {
  if (!outcome && outcome.error().code != base::Code::not_found)
    return std::unexpected(outcome.error());
  return json_answer(true);
}

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
