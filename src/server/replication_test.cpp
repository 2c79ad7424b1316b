// SPDX-License-Identifier: Apache-2.0
#include "server/replication.hpp"

#include <gtest/gtest.h>

#include "server/globals.hpp"

namespace caravan::server {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

model::AclToken token(std::uint8_t n, bool global = true) {
  model::AclToken token;
  token.accessor = id(n);
  token.secret = id(static_cast<std::uint8_t>(n + 100));
  token.secret_digest = "digest of " + std::to_string(n);
  token.policies = {"read"};
  token.global = global;
  return token;
}

model::AclRole role(std::uint8_t n, std::string name) {
  model::AclRole role;
  role.id = id(n);
  role.name = std::move(name);
  role.policies = {"read"};
  return role;
}

model::AclPolicy policy(std::string name, std::string rules) {
  model::AclPolicy policy;
  policy.name = std::move(name);
  policy.rules = std::move(rules);
  return policy;
}

/// A region's state, to which commands are applied as its log would.
struct Region {
  template <class Body>
  void apply(Body body) {
    apply(wire::AnyCommand(std::move(body)));
  }
  void apply(wire::AnyCommand body) {
    ++index;
    (void)store.apply(index, wire::encode_command({.time_ns = 1'000 * index_ns(), .body = body}));
  }
  std::int64_t index_ns() const { return static_cast<std::int64_t>(index); }
  state::Snapshot tables() const { return store.snapshot(); }

  state::Store store;
  std::uint64_t index = 0;
};

class ReplicationTest : public testing::Test {
 protected:
  /// So many commands.
  std::size_t copy(bool access_there = true, bool access_here = true) {
    auto commands = replication_step(*here.tables(), globals_of(*there.tables(), access_there),
                                     access_here, now);
    const std::size_t count = commands.size();
    for (wire::AnyCommand& command : commands)
      here.apply(std::move(command));
    return count;
  }
  /// Whether nothing that is one for all differs.
  bool is_copied() {
    return replication_step(*here.tables(), globals_of(*there.tables(), true), true, now).empty();
  }
  Region there, here;
  base::Instant now{1'000'000};
};

TEST_F(ReplicationTest, everything_global_comes_over_and_then_nothing_is_left_to_do) {
  there.apply(wire::UpsertAclPolicies{.policies = {policy("read", "a"), policy("write", "b")}});
  there.apply(wire::UpsertAclRoles{.roles = {role(1, "ops")}});
  there.apply(wire::UpsertAclTokens{.tokens = {token(1), token(2)}});
  there.apply(wire::UpsertNamespaces{.namespaces = {{.name = "team"}}});
  there.apply(wire::UpsertNodePools{.pools = {{.name = "large"}}});
  there.apply(wire::UpsertQuotas{.quotas = {{.name = "small"}}});
  EXPECT_EQ(copy(), 6u);
  EXPECT_EQ(here.tables()->acl_policy("write")->rules, "b");
  EXPECT_EQ(here.tables()->acl_role_named("ops")->id, id(1));
  EXPECT_EQ(here.tables()->acl_token_by_digest("digest of 2")->secret, id(102));
  EXPECT_TRUE(here.tables()->name_space("team"));
  EXPECT_TRUE(here.tables()->node_pool("large"));
  EXPECT_TRUE(here.tables()->quota("small"));
  EXPECT_TRUE(is_copied());
  EXPECT_EQ(copy(), 0u) << "the indexes and times of two logs are no difference";
}

TEST_F(ReplicationTest, tokens_that_are_not_global_stay_where_they_are) {
  there.apply(wire::UpsertAclTokens{.tokens = {token(1), token(2, false)}});
  here.apply(wire::UpsertAclTokens{.tokens = {token(3, false), token(4)}});
  copy();
  EXPECT_TRUE(here.tables()->acl_token(id(1)));
  EXPECT_FALSE(here.tables()->acl_token(id(2))) << "it is local there";
  EXPECT_TRUE(here.tables()->acl_token(id(3))) << "it is local here";
  EXPECT_FALSE(here.tables()->acl_token(id(4))) << "the authoritative region knows none such";
}

TEST_F(ReplicationTest, what_changed_or_went_changes_and_goes) {
  there.apply(wire::UpsertAclPolicies{.policies = {policy("read", "a"), policy("write", "b")}});
  there.apply(wire::UpsertNamespaces{.namespaces = {{.name = "team"}}});
  copy();
  there.apply(wire::UpsertAclPolicies{.policies = {policy("read", "z")}});
  there.apply(wire::DeleteAclPolicies{.names = {"write"}});
  there.apply(wire::DeleteNamespaces{.names = {"team"}});
  EXPECT_EQ(copy(), 3u);
  EXPECT_EQ(here.tables()->acl_policy("read")->rules, "z");
  EXPECT_FALSE(here.tables()->acl_policy("write"));
  EXPECT_FALSE(here.tables()->name_space("team"));
}

TEST_F(ReplicationTest, a_name_that_another_role_has_now_comes_over_at_once) {
  there.apply(wire::UpsertAclRoles{.roles = {role(1, "ops")}});
  copy();
  there.apply(wire::DeleteAclRoles{.ids = {id(1)}});
  there.apply(wire::UpsertAclRoles{.roles = {role(2, "ops")}});
  copy();
  EXPECT_EQ(here.tables()->acl_role_named("ops")->id, id(2));
  EXPECT_TRUE(is_copied());
}

TEST_F(ReplicationTest, nothing_about_access_unless_both_sides_control_it) {
  here.apply(wire::UpsertAclTokens{.tokens = {token(4)}});
  here.apply(wire::UpsertAclPolicies{.policies = {policy("read", "a")}});
  there.apply(wire::UpsertNamespaces{.namespaces = {{.name = "team"}}});
  EXPECT_EQ(copy(false, true), 1u);
  EXPECT_TRUE(here.tables()->acl_token(id(4)));
  EXPECT_TRUE(here.tables()->acl_policy("read"));
  EXPECT_TRUE(here.tables()->name_space("team"));
  EXPECT_EQ(copy(true, false), 0u);
  EXPECT_TRUE(here.tables()->acl_token(id(4)));
}

TEST_F(ReplicationTest, tokens_that_have_expired_do_not_come_again) {
  model::AclToken old = token(1);
  old.expiration_time_ns = now.unix_ns;
  there.apply(wire::UpsertAclTokens{.tokens = {old}});
  EXPECT_EQ(copy(), 0u);
  here.apply(wire::UpsertAclTokens{.tokens = {old}});
  EXPECT_EQ(copy(), 0u) << "whoever cleans up here takes it";
}

TEST_F(ReplicationTest, many_objects_take_commands_of_a_bounded_size) {
  wire::UpsertAclPolicies many;
  for (int i = 0; i < 400; ++i)
    many.policies.push_back(policy("p" + std::to_string(i), std::string(10'000, 'x')));
  there.apply(std::move(many));
  const auto commands =
      replication_step(*here.tables(), globals_of(*there.tables(), true), true, now);
  EXPECT_GT(commands.size(), 10u);
  for (const wire::AnyCommand& command : commands)
    EXPECT_LT(wire::encode_command({.time_ns = 1, .body = command}).size(), 300'000u);
  copy();
  EXPECT_TRUE(is_copied());
}

}  // namespace
}  // namespace caravan::server
