// SPDX-License-Identifier: Apache-2.0
// Auth methods and binding rules in the shapes that clients of the registry know. They are those of
// the one access control: only some things are called otherwise there. Source: Consul's public
// documentation of its JWT auth method.
#pragma once

#include "api/consul/members.hpp"
#include "model/auth_method.hpp"
#include "model/binding_rule.hpp"

namespace caravan::api::consul {

/// What tokens that a login gave are described as.
inline constexpr const char* login_description = "token created via login";

/// What `body` says of a method, over `before`. Errors: invalid (with what is wrong), unsupported
/// (a type other than jwt; what is not kept).
base::Result<model::AuthMethod> auth_method_in(json::Object body, model::AuthMethod before);
json::Object auth_method_json(const model::AuthMethod& method);
/// Without its configuration.
json::Object auth_method_row(const model::AuthMethod& method);

/// The same of a rule. `datacenter`: this one, where identities of nodes hold.
base::Result<model::BindingRule> binding_rule_in(json::Object body, model::BindingRule before,
                                                 const std::string& datacenter);
json::Object binding_rule_json(const model::BindingRule& rule);

}  // namespace caravan::api::consul
