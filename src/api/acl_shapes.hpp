// SPDX-License-Identifier: Apache-2.0
// The public JSON of tokens, policies and roles. Only acl_token_json() tells a secret, and only the
// pages about one token call it.
#pragma once

#include "json/value.hpp"
#include "keyring/identity.hpp"
#include "state/tables.hpp"

namespace caravan::api {

json::Object acl_token_json(const model::AclToken& token, const state::Tables& tables);
/// Without the secret. `tables`: for the names of its roles; null leaves them out.
json::Object acl_token_stub(const model::AclToken& token, const state::Tables* tables);
/// What a task's token stands for, in the shape of a token: its accessor is the allocation's id.
json::Object identity_json(const keyring::VerifiedIdentity& identity,
                           const std::vector<std::string>& policies);
json::Object acl_policy_json(const model::AclPolicy& policy);
/// Without the rules.
json::Object acl_policy_stub(const model::AclPolicy& policy);
json::Object acl_role_json(const model::AclRole& role);

}  // namespace caravan::api
