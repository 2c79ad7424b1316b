// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class AclStateTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    (void)store.apply(
        index, wire::encode_command(
                   {.time_ns = 1'000 * static_cast<std::int64_t>(index), .body = std::move(body)}));
  }
  static model::AclToken token(std::uint8_t n) {
    model::AclToken token;
    token.accessor = id(n);
    token.secret = id(static_cast<std::uint8_t>(n + 100));
    token.secret_digest = "digest of " + std::to_string(n);
    token.policies = {"read"};
    return token;
  }
  const Tables& tables() { return *(snapshot = store.snapshot()); }

  Store store;
  Snapshot snapshot;
  std::uint64_t index = 0;
};

TEST_F(AclStateTest, there_is_one_first_token) {
  apply(wire::BootstrapAcl{.token = token(1)});
  EXPECT_EQ(tables().acl_reset_index(), index);
  apply(wire::BootstrapAcl{.token = token(2)});
  EXPECT_FALSE(tables().acl_token(id(2)));
  apply(wire::BootstrapAcl{.token = token(2), .reset_index = 99});
  EXPECT_FALSE(tables().acl_token(id(2)));
  apply(wire::BootstrapAcl{.token = token(2), .reset_index = 1});
  EXPECT_TRUE(tables().acl_token(id(2)));
  EXPECT_EQ(tables().acl_reset_index(), index);
}

TEST_F(AclStateTest, tokens_are_found_by_the_digest_of_their_secret) {
  apply(wire::UpsertAclTokens{.tokens = {token(1), token(2)}});
  EXPECT_EQ(tables().acl_token_by_digest("digest of 2")->accessor, id(2));
  EXPECT_FALSE(tables().acl_token_by_digest("digest of 3"));
  apply(wire::DeleteAclTokens{.accessors = {id(2)}});
  EXPECT_FALSE(tables().acl_token_by_digest("digest of 2"));
  EXPECT_FALSE(tables().acl_token(id(2)));
}

TEST_F(AclStateTest, a_secret_has_one_token_and_a_token_one_secret) {
  apply(wire::UpsertAclTokens{.tokens = {token(1)}});
  model::AclToken thief = token(2);
  thief.secret_digest = token(1).secret_digest;
  apply(wire::UpsertAclTokens{.tokens = {thief}});
  EXPECT_FALSE(tables().acl_token(id(2)));
  model::AclToken changed = token(1);
  changed.secret = id(9);
  changed.name = "other";
  apply(wire::UpsertAclTokens{.tokens = {changed}});
  EXPECT_EQ(tables().acl_token(id(1))->name, "");
}

TEST_F(AclStateTest, a_change_keeps_when_the_token_was_made) {
  apply(wire::UpsertAclTokens{.tokens = {token(1)}});
  model::AclToken changed = token(1);
  changed.name = "ci";
  apply(wire::UpsertAclTokens{.tokens = {changed}});
  const Ref<model::AclToken> now = tables().acl_token(id(1));
  EXPECT_EQ(now->name, "ci");
  EXPECT_EQ(now->create_index, 1u);
  EXPECT_EQ(now->create_time_ns, 1'000);
  EXPECT_EQ(now->modify_index, 2u);
}

TEST_F(AclStateTest, names_of_roles_are_taken_once) {
  apply(wire::UpsertAclRoles{.roles = {{.id = id(1), .name = "dev", .policies = {"read"}}}});
  apply(wire::UpsertAclRoles{.roles = {{.id = id(2), .name = "dev", .policies = {"read"}}}});
  EXPECT_FALSE(tables().acl_role(id(2)));
  apply(wire::UpsertAclRoles{.roles = {{.id = id(1), .name = "dev", .policies = {"write"}}}});
  EXPECT_EQ(tables().acl_role_named("dev")->policies, std::vector<std::string>{"write"});
}

model::AuthMethod method(std::string name, std::string type, bool is_default) {
  model::AuthMethod method;
  method.name = std::move(name);
  method.type = std::move(type);
  method.is_default = is_default;
  return method;
}

TEST_F(AclStateTest, each_type_has_one_default_method) {
  apply(wire::UpsertAuthMethods{.methods = {method("a", model::auth_jwt, true)}});
  apply(wire::UpsertAuthMethods{.methods = {method("b", model::auth_jwt, true)}});
  EXPECT_TRUE(tables().was_refused(index));
  EXPECT_FALSE(tables().auth_method("b"));
  apply(wire::UpsertAuthMethods{.methods = {method("c", model::auth_oidc, true)}});
  EXPECT_EQ(tables().default_auth_method(model::auth_oidc)->name, "c");
  apply(wire::UpsertAuthMethods{.methods = {method("a", model::auth_jwt, true)}});
  EXPECT_EQ(tables().auth_method("a")->create_index, 1u);
  EXPECT_EQ(tables().auth_method("a")->modify_index, 4u);
  EXPECT_EQ(tables().auth_method("a")->create_time.unix_ns, 1'000);
}

TEST_F(AclStateTest, a_binding_rule_needs_its_method) {
  model::BindingRule rule;
  rule.id = id(1);
  rule.auth_method = "a";
  apply(wire::UpsertBindingRules{.rules = {rule}});
  EXPECT_TRUE(tables().was_refused(index));
  apply(wire::UpsertAuthMethods{.methods = {method("a", model::auth_jwt, false)}});
  apply(wire::UpsertBindingRules{.rules = {rule}});
  ASSERT_TRUE(tables().binding_rule(id(1)));
  apply(wire::DeleteBindingRules{.ids = {id(1)}});
  EXPECT_FALSE(tables().binding_rule(id(1)));
  apply(wire::DeleteAuthMethods{.names = {"a"}});
  EXPECT_FALSE(tables().auth_method("a"));
}

TEST_F(AclStateTest, a_snapshot_reads_back) {
  apply(wire::BootstrapAcl{.token = token(1)});
  apply(wire::UpsertAclPolicies{
      .policies = {{.name = "read", .rules = "node { policy = \"read\" }"}}});
  apply(wire::UpsertAclRoles{.roles = {{.id = id(1), .name = "dev", .policies = {"read"}}}});
  Store copy;
  ASSERT_TRUE(copy.restore(dump(tables())));
  EXPECT_EQ(copy.snapshot()->hash(), tables().hash());
  EXPECT_EQ(copy.snapshot()->acl_token_by_digest("digest of 1")->secret, id(101));
  EXPECT_EQ(copy.snapshot()->acl_reset_index(), 1u);
}

}  // namespace
}  // namespace caravan::state
