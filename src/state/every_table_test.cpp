// SPDX-License-Identifier: Apache-2.0
// A snapshot has every table. Whoever adds one puts something into it here: the test says which.
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class EveryTableTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index_;
    (void)store_.apply(index_, wire::encode_command({.time_ns = 1'000, .body = std::move(body)}));
  }

  void add_job() {
    model::Job job;
    job.id = job.name = "web";
    job.type = model::JobType::batch;
    job.periodic.emplace().spec = "@daily";
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.scaling.emplace().id = "p1";
    group.scaling->max = 5;
    apply(wire::RegisterJob{.job = job, .source = "text", .source_format = "hcl2"});
    wire::ScaleJob scale{.ns = "default", .job_id = "web", .group = "app"};
    scale.event.count = 3;
    apply(scale);
    wire::UpsertJobRestart restart;
    restart.restart.id = id(1);
    restart.restart.ns = "default";
    restart.restart.job_id = "web";
    apply(restart);
  }

  void add_work() {
    model::Node node;
    node.id = base::NodeId(id(1));
    node.status = model::NodeStatus::ready;
    apply(wire::RegisterNode{.node = node});
    model::Evaluation eval;
    eval.id = base::EvalId(id(1));
    eval.job_id = "web";
    apply(wire::UpsertEvals{.evals = {eval}});
    wire::ApplyPlans plans;
    wire::PlanResult& plan = plans.plans.emplace_back();
    plan.deployment.emplace().id = base::DeploymentId(id(1));
    plan.deployment->job_id = "web";
    model::Allocation& alloc = plan.placed.emplace_back();
    alloc.id = base::AllocId(id(1));
    alloc.node_id = node.id;
    alloc.job = store_.snapshot()->job({"default", "web"});
    alloc.group = "app";
    apply(plans);
    wire::SetAllocServices services{.alloc_id = alloc.id, .node_id = node.id};
    model::ServiceRegistration& service = services.services.emplace_back();
    service.id = service.service_name = "www";
    service.ns = "default";
    service.alloc_id = alloc.id;
    apply(services);
  }

  void add_what_operators_keep() {
    apply(wire::UpsertRootKey{.key = {.id = id(1)}});
    apply(wire::SetSchedulerConfig{});
    apply(wire::SetAutopilotConfig{});
    apply(wire::UpsertNodePools{.pools = {{.name = "gpu"}}});
    apply(wire::UpsertNamespaces{.namespaces = {{.name = "dev"}}});
    apply(wire::UpsertQuotas{.quotas = {{.name = "small"}}});
    model::AclToken token;
    token.accessor = id(1);
    token.secret = id(2);
    token.secret_digest = "digest";
    apply(wire::BootstrapAcl{.token = token});
    apply(wire::UpsertAclPolicies{.policies = {{.name = "read"}}});
    apply(wire::UpsertAclRoles{.roles = {{.id = id(1), .name = "dev", .policies = {"read"}}}});
    apply(wire::UpsertAuthMethods{.methods = {{.name = "sso", .type = model::auth_jwt}}});
    model::BindingRule rule;
    rule.id = id(1);
    rule.auth_method = "sso";
    apply(wire::UpsertBindingRules{.rules = {rule}});
    wire::PutVariable variable;
    variable.variable.ns = "default";
    variable.variable.path = "app/db";
    variable.variable.key_id = id(1);
    variable.variable.sealed = "box";
    apply(variable);
    wire::BringRestorePiece piece;
    piece.piece = {id(1), 0, "bytes", {}};
    apply(piece);
    const wire::AnyCommand nothing = wire::Collect();
    apply(wire::ApplyOnce{id(1), wire::encode_command({.time_ns = 1, .body = nothing}), {}});
  }

  void add_what_the_registry_knows() {
    wire::PutConfigEntry config;
    config.entry.name = "web";
    config.entry.body = json::Object{{"Protocol", "http"}};
    apply(config);
    wire::SetConnectCa connect;
    connect.ca.cluster = id(1);
    connect.ca.roots.emplace_back().id = "root";
    apply(connect);
    wire::ChangeCatalog catalog;
    wire::CatalogPut& put = catalog.put.emplace_back();
    put.node.name = "n1";
    model::CatalogService& service = put.services.emplace_back();
    service.id = service.name = "www";
    put.checks.emplace_back().id = "alive";
    apply(catalog);
    for (const std::uint8_t n : {1, 2}) {
      wire::CreateSession session;
      session.session.id = id(n);
      session.session.node = "n1";
      apply(session);
    }
    wire::KvOperation lock;
    lock.verb = wire::KvVerb::lock;
    lock.key = "lead";
    lock.session = id(1);
    apply(wire::ApplyKv{.operations = {lock}});
    apply(wire::FireEvent{.event = {.id = id(1), .name = "deploy"}});
    wire::UpsertPreparedQuery query{.query = {.id = id(1), .name = "near"}, .is_new = true};
    query.query.service.service = "www";
    apply(query);
    wire::UpdateCoordinates coordinates;
    coordinates.coordinates.emplace_back().node = "n1";
    apply(coordinates);
    apply(wire::DestroySession{.id = id(1)});  // its lock is nobody's for a while
  }

  Store store_;
  std::uint64_t index_ = 0;
};

TEST_F(EveryTableTest, comes_back_from_a_snapshot) {
  add_job();
  add_work();
  add_what_operators_keep();
  add_what_the_registry_knows();
  apply(wire::SetLogVersion{.version = wire::log_version});
  const Snapshot before = store_.snapshot();
  const auto read = load(dump(*before));
  ASSERT_TRUE(read) << read.error().message;
  const Tables& after = **read;
  for (std::size_t i = 0; i < table_count; ++i) {
    const std::string_view name = table_name(static_cast<Table>(i));
    EXPECT_NE(before->table_hash[i], 0U) << name << " is empty: nothing is tried here";
    EXPECT_EQ(after.table_hash[i], before->table_hash[i]) << name;
    EXPECT_EQ(after.table_index[i], before->table_index[i]) << name;
  }
  EXPECT_EQ(after.index, before->index);
  EXPECT_EQ(after.job_sources.size(), before->job_sources.size());
  EXPECT_EQ(after.prefix_index.size(), before->prefix_index.size());
  EXPECT_EQ(after.log_version, before->log_version);
}

}  // namespace
}  // namespace caravan::state
