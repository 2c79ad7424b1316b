// SPDX-License-Identifier: Apache-2.0
// Scaling, tags, pools, namespaces and the scheduler's configuration.
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

const base::JobId web_id{"default", "web"};

class OperatorTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    (void)store.apply(
        index, wire::encode_command(
                   {.time_ns = 1'000 * static_cast<std::int64_t>(index), .body = std::move(body)}));
  }
  model::Job web(int count = 2) {
    model::Job job;
    job.id = job.name = "web";
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.count = count;
    model::ScalingPolicy& policy = group.scaling.emplace();
    policy.id = "p1";
    policy.min = 1;
    policy.max = 5;
    return job;
  }
  wire::ScaleJob scale(std::int64_t count) {
    wire::ScaleJob command{.ns = "default", .job_id = "web", .group = "app"};
    command.event.count = count;
    return command;
  }
  void tag(std::uint64_t version, std::string name) {
    wire::TagJobVersion command{.ns = "default", .job_id = "web", .name = name, .version = version};
    command.tag.emplace().name = name;
    apply(command);
  }
  Snapshot now() const { return store.snapshot(); }

  Store store;
  std::uint64_t index = 0;
};

TEST_F(OperatorTest, a_policy_lives_as_long_as_its_group_and_its_job) {
  apply(wire::RegisterJob{.job = web()});
  ASSERT_TRUE(now()->scaling_policies.find("p1"));
  const model::ScalingPolicy first = **now()->scaling_policies.find("p1");
  EXPECT_EQ(first.target.at("Group"), "app");
  EXPECT_EQ(first.create_index, 1u);
  apply(wire::RegisterJob{.job = web(3)});  // the policy itself is the same
  EXPECT_EQ((*now()->scaling_policies.find("p1"))->modify_index, 1u);
  apply(wire::DeregisterJob{.ns = "default", .job_id = "web"});
  EXPECT_FALSE(now()->scaling_policies.find("p1"));
  apply(wire::RegisterJob{.job = web()});
  EXPECT_TRUE(now()->scaling_policies.find("p1"));
  model::Job bare = web();
  bare.groups[0].scaling.reset();
  apply(wire::RegisterJob{.job = bare});
  EXPECT_FALSE(now()->scaling_policies.find("p1"));
}

TEST_F(OperatorTest, scaling_makes_a_version_and_is_remembered) {
  apply(wire::RegisterJob{.job = web(), .source = "text", .source_format = "hcl2"});
  apply(scale(4));
  EXPECT_EQ(now()->job(web_id)->groups[0].count, 4);
  EXPECT_EQ(now()->job(web_id)->version, 1u);
  EXPECT_TRUE(now()->job_sources.find({web_id, 1}));
  wire::ScaleJob note{.ns = "default", .job_id = "web", .group = "app"};
  note.event.message = "just a word";
  apply(note);
  EXPECT_EQ(now()->job(web_id)->version, 1u);
  const auto& events = (*now()->scaling_events.find(web_id))->events.at("app");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].message, "just a word");
  EXPECT_EQ(events[1].count, 4);
  for (int i = 0; i < 30; ++i)
    apply(note);
  EXPECT_EQ((*now()->scaling_events.find(web_id))->events.at("app").size(),
            model::scaling_events_max);
}

TEST_F(OperatorTest, scaling_what_changed_meanwhile_changes_nothing) {
  apply(wire::RegisterJob{.job = web()});
  wire::ScaleJob stale = scale(4);
  stale.expected_index = 99;
  apply(stale);
  EXPECT_EQ(now()->job(web_id)->groups[0].count, 2);
  EXPECT_FALSE(now()->scaling_events.find(web_id));
}

TEST_F(OperatorTest, a_version_with_a_tag_is_not_forgotten) {
  apply(wire::RegisterJob{.job = web(1)});
  tag(0, "golden");
  for (int count = 2; count < 12; ++count)
    apply(wire::RegisterJob{.job = web(count)});
  ASSERT_TRUE(now()->tagged_version(web_id, "golden"));
  EXPECT_EQ(now()->tagged_version(web_id, "golden")->version, 0u);
  EXPECT_FALSE(now()->job_version(web_id, 1));
  tag(10, "golden");  // the name is taken
  EXPECT_EQ(now()->tagged_version(web_id, "golden")->version, 0u);
  apply(wire::TagJobVersion{.ns = "default", .job_id = "web", .name = "golden"});
  EXPECT_FALSE(now()->tagged_version(web_id, "golden"));
  tag(10, "newest");
  EXPECT_TRUE(now()->job(web_id)->version_tag);
  apply(wire::RegisterJob{.job = web(5)});  // a new version begins without one
  EXPECT_FALSE(now()->job(web_id)->version_tag);
}

TEST_F(OperatorTest, the_configuration_is_compared_before_it_is_set) {
  wire::SetSchedulerConfig set;
  set.config.algorithm = model::SchedulerAlgorithm::spread;
  apply(set);
  EXPECT_EQ(now()->scheduler_config().modify_index, 1u);
  set.config.algorithm = model::SchedulerAlgorithm::binpack;
  set.expected_index = 7;
  apply(set);
  EXPECT_EQ(now()->scheduler_config().algorithm, model::SchedulerAlgorithm::spread);
  set.expected_index = 1;
  apply(set);
  EXPECT_EQ(now()->scheduler_config().algorithm, model::SchedulerAlgorithm::binpack);
  EXPECT_EQ(now()->scheduler_config().create_index, 1u);
}

TEST_F(OperatorTest, pools_come_with_nodes_and_stay_while_they_are_used) {
  EXPECT_EQ(now()->all_node_pools().size(), 2u);
  model::Node node;
  node.id.bytes[15] = 1;
  node.node_pool = "gpu";
  apply(wire::RegisterNode{.node = node});
  ASSERT_TRUE(now()->node_pool("gpu"));
  apply(wire::DeleteNodePools{.names = {"gpu", "default"}});
  EXPECT_TRUE(now()->node_pool("gpu"));
  EXPECT_EQ(why_pool_stays(*now(), "gpu"), "node pool \"gpu\" has 1 nodes");
  model::NodePool pool;
  pool.name = "gpu";
  pool.scheduling.emplace().algorithm = model::SchedulerAlgorithm::spread;
  apply(wire::UpsertNodePools{.pools = {pool}});
  EXPECT_EQ(now()->scheduler_config_for("gpu").algorithm, model::SchedulerAlgorithm::spread);
  EXPECT_EQ(now()->scheduler_config_for("default").algorithm, model::SchedulerAlgorithm::binpack);
  apply(wire::PurgeNodes{.nodes = {node.id}});
  apply(wire::DeleteNodePools{.names = {"gpu"}});
  EXPECT_FALSE(now()->node_pool("gpu"));
}

TEST_F(OperatorTest, a_namespace_stays_while_jobs_stand_in_it) {
  model::Namespace space;
  space.name = "dev";
  apply(wire::UpsertNamespaces{.namespaces = {space}});
  model::Job job = web();
  job.ns = "dev";
  apply(wire::RegisterJob{.job = job});
  apply(wire::DeleteNamespaces{.names = {"dev"}});
  EXPECT_TRUE(now()->name_space("dev"));
  apply(wire::DeregisterJob{.ns = "dev", .job_id = "web"});
  apply(wire::UpsertEvals{});  // nothing runs: the job is over
  EXPECT_EQ(now()->all_namespaces().size(), 2u);
}

TEST_F(OperatorTest, a_quota_stays_while_a_namespace_names_it) {
  apply(wire::UpsertQuotas{.quotas = {{.name = "small"}}});
  apply(wire::UpsertNamespaces{.namespaces = {{.name = "dev", .quota = "small"}}});
  apply(wire::DeleteQuotas{.names = {"small"}});
  EXPECT_TRUE(now()->quota("small"));
  EXPECT_EQ(why_quota_stays(*now(), "small"), "quota \"small\" is used by namespace \"dev\"");
  apply(wire::UpsertNamespaces{.namespaces = {{.name = "dev"}}});
  apply(wire::DeleteQuotas{.names = {"small"}});
  EXPECT_FALSE(now()->quota("small"));
}

TEST_F(OperatorTest, all_of_it_is_in_a_snapshot) {
  apply(wire::RegisterJob{.job = web()});
  apply(scale(3));
  apply(wire::SetSchedulerConfig{});
  apply(wire::UpsertNodePools{.pools = {{.name = "gpu"}}});
  apply(wire::UpsertNamespaces{.namespaces = {{.name = "dev"}}});
  apply(wire::UpsertQuotas{.quotas = {{.name = "small"}}});
  Store other;
  ASSERT_TRUE(other.restore(dump(*now())));
  EXPECT_EQ(other.snapshot()->hash(), now()->hash());
  EXPECT_TRUE(other.snapshot()->name_space("dev"));
  EXPECT_TRUE(other.snapshot()->quota("small"));
}

}  // namespace
}  // namespace caravan::state
