// SPDX-License-Identifier: Apache-2.0
#include "acl/binding.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::acl {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class BindingTest : public testing::Test {
 protected:
  BindingTest() {
    method.name = "sso";
    method.type = model::auth_jwt;
    method.config.claims = {{"team", "team"}, {"/user/first~1name", "first"}};
    method.config.list_claims = {{"groups", "groups"}};
    apply(wire::UpsertAuthMethods{.methods = {method}});
    apply(wire::UpsertAclPolicies{.policies = {{.name = "read"}, {.name = "team-web"}}});
    apply(wire::UpsertAclRoles{.roles = {{.id = id(9), .name = "dev", .policies = {"read"}}}});
  }
  template <class Body>
  void apply(Body body) {
    (void)store.apply(++index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void add_rule(std::string selector, std::string type, std::string name) {
    model::BindingRule rule;
    rule.id = id(++rules);
    rule.auth_method = "sso";
    rule.selector = std::move(selector);
    rule.bind_type = std::move(type);
    rule.bind_name = std::move(name);
    apply(wire::UpsertBindingRules{.rules = {rule}});
  }
  base::Result<Bound> bound() const {
    return bind(*store.snapshot(), method, map_claims(method.config, claims).value());
  }

  state::Store store;
  std::uint64_t index = 0;
  std::uint8_t rules = 0;
  model::AuthMethod method;
  json::Object claims{{"team", "web"},
                      {"groups", json::Array{"eng", "ops"}},
                      {"user", json::Object{{"first/name", "Ada"}}}};
};

TEST_F(BindingTest, claims_become_attributes) {
  const Attributes found = map_claims(method.config, claims).value();
  EXPECT_EQ(found.values.at("team"), "web");
  EXPECT_EQ(found.values.at("first"), "Ada");
  EXPECT_EQ(found.lists.at("groups"), (std::vector<std::string>{"eng", "ops"}));
  claims = {{"team", 7}, {"groups", "eng"}};
  const Attributes others = map_claims(method.config, claims).value();
  EXPECT_EQ(others.values, (std::map<std::string, std::string>{{"team", "7"}}));
  EXPECT_EQ(others.lists.at("groups"), std::vector<std::string>{"eng"});
}

TEST_F(BindingTest, a_claim_of_another_shape_is_refused) {
  claims["team"] = json::Array{"web"};
  EXPECT_EQ(map_claims(method.config, claims).error().message,
            "the claim \"team\" is an array: ClaimMappings take a single value, "
            "ListClaimMappings a list");
  claims = {{"groups", json::Array{json::Object()}}};
  EXPECT_EQ(map_claims(method.config, claims).error().code, base::Code::denied);
}

TEST_F(BindingTest, rules_whose_selector_holds_bind) {
  add_rule("eng in list.groups and value.team == \"web\"", model::bind_policy, "read");
  add_rule("\"sales\" in list.groups", model::bind_management, "");
  add_rule("value.absent == x", model::bind_management, "");
  add_rule("", model::bind_role, "dev");
  const Bound found = bound().value();
  EXPECT_FALSE(found.management);
  EXPECT_EQ(found.policies, std::vector<std::string>{"read"});
  EXPECT_EQ(found.roles, std::vector<base::Uuid>{id(9)});
}

TEST_F(BindingTest, names_are_filled_in_and_bind_only_what_exists) {
  add_rule("", model::bind_policy, "team-${value.team}");
  add_rule("", model::bind_policy, "${value.absent}");
  add_rule("", model::bind_policy, "nothing");
  add_rule("", model::bind_role, "nobody");
  EXPECT_EQ(bound()->policies, std::vector<std::string>{"team-web"});
  EXPECT_TRUE(bound()->roles.empty());
}

TEST_F(BindingTest, policies_that_are_to_be_made_are_named_before) {
  add_rule("", model::bind_policy, "identity-${value.team}");
  add_rule("value.team == db", model::bind_policy, "db");
  add_rule("", model::bind_role, "dev");
  const Attributes attributes = map_claims(method.config, claims).value();
  EXPECT_EQ(policies_to_bind(*store.snapshot(), method, attributes),
            std::vector<std::string>{"identity-web"});
}

TEST_F(BindingTest, who_is_bound_to_nothing_gets_no_token) {
  EXPECT_EQ(bound().error().message, "no role or policy bindings found");
  add_rule("ops in list.absent", model::bind_policy, "read");
  EXPECT_FALSE(bound());
}

TEST_F(BindingTest, rules_of_other_methods_do_not_count) {
  add_rule("", model::bind_management, "");
  method.name = "other";
  EXPECT_FALSE(bound());
}

TEST_F(BindingTest, a_selector_that_cannot_be_decided_does_not_hold) {
  add_rule("value == x", model::bind_management, "");
  EXPECT_FALSE(bound());
}

TEST_F(BindingTest, the_token_is_named_after_the_method_and_its_bearer) {
  method.token_name_format = "${auth_method_type}-${auth_method_name}-${value.first}-${value.no}";
  method.token_locality = model::locality_global;
  Bound some;
  some.roles = {id(9)};
  const Attributes found = map_claims(method.config, claims).value();
  const model::AclToken token = token_for(method, found, some);
  EXPECT_EQ(token.name, "JWT-sso-Ada-${value.no}");
  EXPECT_TRUE(token.global);
  EXPECT_EQ(token.type, model::token_client);
  EXPECT_EQ(token.roles, some.roles);
  some.management = true;
  EXPECT_EQ(token_for(method, found, some).type, model::token_management);
  EXPECT_TRUE(token_for(method, found, some).roles.empty());
}

TEST_F(BindingTest, what_cannot_be_read_is_said_before_it_is_kept) {
  model::BindingRule rule;
  rule.selector = "value.team ==";
  EXPECT_NE(unreadable(rule), "");
  rule.selector = "team == web";
  EXPECT_EQ(unreadable(rule), "selector: \"team\" is none of value.<name> and list.<name>");
  rule.selector = "value.team == web";
  rule.bind_name = "${list.groups}";
  EXPECT_EQ(unreadable(rule), "bind name: ${list.groups} is not ${value.<name>}");
  rule.bind_name = "team-${value.team}";
  EXPECT_EQ(unreadable(rule), "");
  method.token_name_format = "${user}";
  EXPECT_EQ(unreadable_format(method),
            "TokenNameFormat: ${user} is none of auth_method_type, auth_method_name and "
            "value.<name>");
}

}  // namespace
}  // namespace caravan::acl
