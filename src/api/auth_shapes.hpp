// SPDX-License-Identifier: Apache-2.0
// The public JSON of auth methods and binding rules.
#pragma once

#include "json/value.hpp"
#include "model/auth_method.hpp"
#include "model/binding_rule.hpp"

namespace caravan::api {

/// What stands in the answer in place of a client secret.
inline constexpr const char* redacted = "redacted";

/// The client secret is shown as `redacted`: nobody needs to read it here, and an update that has
/// this in its place leaves it as it is.
json::Object auth_method_json(const model::AuthMethod& method);
/// For everybody: what it takes to choose one to log in by.
json::Object auth_method_stub(const model::AuthMethod& method);
json::Object binding_rule_json(const model::BindingRule& rule);
json::Object binding_rule_stub(const model::BindingRule& rule);

}  // namespace caravan::api
