// SPDX-License-Identifier: Apache-2.0
#include "acl/authorized.hpp"

#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "state/store.hpp"

namespace caravan::acl {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class GateTest : public testing::Test {
 protected:
  GateTest() {
    gate.see([this] { return store.snapshot(); });
  }
  template <class Body>
  void apply(Body body) {
    ++index;
    (void)store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void add_policy(std::string name, std::string rules) {
    apply(wire::UpsertAclPolicies{
        .policies = {{.name = std::move(name), .rules = std::move(rules)}}});
  }
  model::AclToken token(std::uint8_t n) {
    model::AclToken token;
    token.accessor = id(n);
    token.secret = id(static_cast<std::uint8_t>(n + 100));
    token.secret_digest = crypto::sha256(token.secret.to_string());
    return token;
  }
  static std::string secret(std::uint8_t n) {
    return id(static_cast<std::uint8_t>(n + 100)).to_string();
  }
  std::string refusal(std::string_view secret, Capability capability, std::string_view ns = "") {
    const base::Result<Authorized> caller = gate.admit(secret, capability, ns);
    return caller ? "" : caller.error().message;
  }

  state::Store store;
  std::uint64_t index = 0;
  base::Instant now = base::Instant::from_seconds(1'000);
  Gate gate{[this] { return now; }};
};

TEST_F(GateTest, everybody_may_do_everything_while_it_is_off) {
  const Gate off;
  EXPECT_FALSE(off.is_on());
  const Authorized caller = off.admit("", Capability::management, "").value();
  EXPECT_TRUE(caller.is_management());
  EXPECT_TRUE(caller.may(Capability::alloc_exec, "x"));
}

TEST_F(GateTest, without_a_token_the_anonymous_policy_decides) {
  EXPECT_EQ(refusal("", Capability::list_jobs, "default"), permission_denied);
  add_policy("anonymous", "namespace \"default\" { policy = \"read\" }");
  EXPECT_EQ(refusal("", Capability::list_jobs, "default"), "");
  EXPECT_EQ(refusal("", Capability::submit_job, "default"), permission_denied);
  apply(wire::DeleteAclPolicies{.names = {"anonymous"}});
  EXPECT_EQ(refusal("", Capability::list_jobs, "default"), permission_denied);
}

TEST_F(GateTest, a_token_has_the_policies_of_its_roles_too) {
  add_policy("jobs", "namespace \"default\" { policy = \"read\" }");
  add_policy("nodes", "node { policy = \"read\" }");
  apply(
      wire::UpsertAclRoles{.roles = {{.id = id(9), .name = "ops", .policies = {"nodes", "gone"}}}});
  model::AclToken t = token(1);
  t.policies = {"jobs"};
  t.roles = {id(9), id(8)};
  apply(wire::UpsertAclTokens{.tokens = {t}});
  EXPECT_EQ(refusal(secret(1), Capability::read_job, "default"), "");
  EXPECT_EQ(refusal(secret(1), Capability::node_read), "");
  EXPECT_EQ(refusal(secret(1), Capability::node_write), permission_denied);
  EXPECT_EQ(gate.who(secret(1))->policies(), (std::vector<std::string>{"jobs", "nodes"}));
  apply(wire::DeleteAclRoles{.ids = {id(9)}});
  EXPECT_EQ(refusal(secret(1), Capability::node_read), permission_denied);
}

TEST_F(GateTest, unknown_and_expired_tokens_are_told_apart) {
  model::AclToken t = token(1);
  t.type = model::token_management;
  t.expiration_time_ns = base::Instant::from_seconds(2'000).unix_ns;
  apply(wire::UpsertAclTokens{.tokens = {t}});
  EXPECT_EQ(refusal(secret(2), Capability::node_read), token_not_found);
  EXPECT_EQ(refusal("not a secret", Capability::node_read), token_not_found);
  EXPECT_EQ(refusal(std::string(100'000, 'x'), Capability::node_read), token_not_found);
  EXPECT_EQ(refusal(secret(1), Capability::node_read), "");
  now = base::Instant::from_seconds(2'000);
  EXPECT_EQ(refusal(secret(1), Capability::node_read), token_expired);
  EXPECT_EQ(refusal(secret(1), Capability::anyone), "");  // as if without it
  EXPECT_FALSE(gate.admit(secret(1), Capability::anyone, "")->is_management());
}

TEST_F(GateTest, an_accessor_is_no_secret) {
  model::AclToken t = token(1);
  t.type = model::token_management;
  apply(wire::UpsertAclTokens{.tokens = {t}});
  EXPECT_EQ(refusal(id(1).to_string(), Capability::node_read), token_not_found);
}

TEST_F(GateTest, changes_count_from_the_next_request) {
  add_policy("p", "node { policy = \"read\" }");
  model::AclToken t = token(1);
  t.policies = {"p"};
  apply(wire::UpsertAclTokens{.tokens = {t}});
  EXPECT_EQ(refusal(secret(1), Capability::node_write), permission_denied);
  add_policy("p", "node { policy = \"write\" }");
  EXPECT_EQ(refusal(secret(1), Capability::node_write), "");
  t.policies = {"q"};
  apply(wire::UpsertAclTokens{.tokens = {t}});
  EXPECT_EQ(refusal(secret(1), Capability::node_write), permission_denied);
  apply(wire::DeleteAclTokens{.accessors = {t.accessor}});
  EXPECT_EQ(refusal(secret(1), Capability::node_write), token_not_found);
}

TEST_F(GateTest, rules_nobody_understands_open_nothing) {
  add_policy("good", "node { policy = \"write\" }");
  add_policy("odd", "node { policy = \"from the future\" }");
  model::AclToken t = token(1);
  t.policies = {"good", "odd"};
  apply(wire::UpsertAclTokens{.tokens = {t}});
  EXPECT_EQ(refusal(secret(1), Capability::node_read), permission_denied);
}

class TaskGateTest : public GateTest {
 protected:
  TaskGateTest() {
    wire::RegisterJob job;
    job.job.id = "web";
    model::TaskGroup& group = job.job.groups.emplace_back();
    group.name = "app";
    for (const char* name : {"api", "side"})
      group.tasks.emplace_back().name = name;
    apply(job);
    wire::ApplyPlans plans;
    model::Allocation& alloc = plans.plans.emplace_back().placed.emplace_back();
    alloc.id = base::AllocId(id(7));
    alloc.node_id = base::NodeId(id(1));
    alloc.job = store.snapshot()->job({"default", "web"});
    alloc.group = "app";
    apply(plans);
    wire::UpsertRootKey command;
    command.key.id = id(3);
    command.key.public_pem = signer.public_pem();
    apply(command);
  }
  std::string task_token(const std::string& task) {
    const json::Object claims =
        keyring::identity_claims({}, *store.snapshot()->alloc(base::AllocId(id(7))), task,
                                 model::default_identity(model::Task()), now, id(9));
    return crypto::sign_jwt(signer, id(3).to_string(), claims);
  }
  const crypto::SigningKey signer = crypto::SigningKey::from_seed(std::string(32, 's'));
};

TEST_F(TaskGateTest, a_task_reads_its_own_variables_and_finds_services_of_its_namespace) {
  const Authorized caller = gate.who(task_token("api")).value();
  EXPECT_EQ(caller.identity()->subject, "global:default:web:app:api:default");
  EXPECT_EQ(caller.token(), nullptr);
  const auto may_read = [&](std::string_view path) {
    return caller.may_variable(Capability::variable_read, "default", path);
  };
  EXPECT_TRUE(may_read("nomad/jobs/web/app/api"));
  EXPECT_TRUE(may_read("nomad/jobs/web"));
  EXPECT_FALSE(may_read("nomad/jobs/web/app/side"));
  EXPECT_FALSE(caller.may_variable(Capability::variable_write, "default", "nomad/jobs/web"));
  EXPECT_TRUE(caller.may(Capability::find_service, "default"));
  EXPECT_FALSE(caller.may(Capability::find_service, "other"));
  EXPECT_FALSE(caller.may(Capability::find_service, ""));
  EXPECT_FALSE(caller.may(Capability::read_job, "default"));
  EXPECT_TRUE(caller.may_somewhere(Capability::variable_read));
  EXPECT_FALSE(caller.may_somewhere(Capability::variable_write));
  EXPECT_FALSE(caller.is_management());
}

TEST_F(TaskGateTest, policies_that_are_attached_to_a_task_are_its_own) {
  const std::string api = task_token("api"), side = task_token("side");
  wire::UpsertAclPolicies command;
  command.policies.push_back({.name = "of-api",
                              .rules = "namespace \"default\" { policy = \"write\" }",
                              .job_acl = model::JobAcl{"default", "web", "app", "api", {}}});
  EXPECT_EQ(refusal(api, Capability::submit_job, "default"), permission_denied);
  apply(command);
  EXPECT_EQ(refusal(api, Capability::submit_job, "default"), "");
  EXPECT_EQ(gate.who(api)->policies(), std::vector<std::string>{"of-api"});
  EXPECT_EQ(refusal(side, Capability::submit_job, "default"), permission_denied);
  add_policy("of-api", "node { policy = \"read\" }");  // it is nobody's task's any more
  EXPECT_EQ(refusal(api, Capability::submit_job, "default"), permission_denied);
}

TEST_F(TaskGateTest, a_token_ends_with_its_allocation) {
  const std::string token = task_token("api");
  EXPECT_EQ(refusal(token, Capability::find_service, "default"), "");
  wire::UpdateAllocs command{.node_id = base::NodeId(id(1))};
  command.reports.push_back(
      {.alloc_id = base::AllocId(id(7)), .client_status = model::ClientStatus::failed});
  apply(command);
  EXPECT_EQ(refusal(token, Capability::find_service, "default"),
            "Workload identity refused: its allocation has ended");
  EXPECT_EQ(refusal(token, Capability::anyone), "");  // as if without it
}

TEST_F(GateTest, an_agent_without_state_turns_tokens_away) {
  const Gate blind([this] { return now; });
  EXPECT_EQ(blind.admit(secret(1), Capability::node_read, "").error().code,
            base::Code::unavailable);
  EXPECT_EQ(blind.admit("", Capability::node_read, "").error().code, base::Code::denied);
  EXPECT_TRUE(blind.admit("", Capability::anyone, ""));
}

}  // namespace
}  // namespace caravan::acl
