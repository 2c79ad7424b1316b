// SPDX-License-Identifier: Apache-2.0
// From what a provider says of somebody to what that one may do: claims become attributes, binding
// rules look at these, and what they bind becomes a token. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/acl_token.hpp"
#include "model/auth_method.hpp"
#include "model/binding_rule.hpp"
#include "state/tables.hpp"

namespace caravan::acl {

/// What selectors and names are made of: value.<name> and list.<name>.
struct Attributes {
  std::map<std::string, std::string> values;
  std::map<std::string, std::vector<std::string>> lists;
};

/// By the method's mappings; a claim that is not there is left out. Names of claims that begin with
/// '/' are JSON pointers (RFC 6901). Errors: denied (a claim of another shape than its mapping's).
base::Result<Attributes> map_claims(const model::AuthMethodConfig& config,
                                    const json::Object& claims);

struct Bound {
  bool management = false;
  std::vector<std::string> policies;
  std::vector<base::Uuid> roles;
};

/// By all rules of the method whose selector holds. What names a policy or a role that does not
/// exist, or an attribute that is not there, binds nothing. Errors: denied when nothing is bound.
base::Result<Bound> bind(const state::Tables& tables, const model::AuthMethod& method,
                         const Attributes& attributes);

/// The names of the policies that these rules name, whether they are there or not.
std::vector<std::string> policies_to_bind(const state::Tables& tables,
                                          const model::AuthMethod& method,
                                          const Attributes& attributes);

/// Without ids, secrets and times. Its name follows the method's format, cut to what a name may
/// have.
model::AclToken token_for(const model::AuthMethod& method, const Attributes& attributes,
                          const Bound& bound);

/// What is wrong with the rule's selector or the references in its name, "" when nothing is.
std::string unreadable(const model::BindingRule& rule);
/// The same of the references in the format of the method's names.
std::string unreadable_format(const model::AuthMethod& method);

}  // namespace caravan::acl
