// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "scheduler/plan.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

using namespace std::chrono_literals;
using model::ClientStatus;
using model::DeploymentStatus;

template <class Noun>
base::Id<Noun> id(std::uint8_t n) {
  base::Id<Noun> id;
  id.bytes[15] = n;
  id.bytes[0] = 1;
  return id;
}

/// Nodes 1 to n, a system job on them, and its rollouts.
class SystemTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = now.unix_ns, .body = std::move(body)}));
  }

  void add_node(std::uint8_t n) {
    model::Node node;
    node.id = id<base::NodeNoun>(n);
    node.name = "n" + std::to_string(n);
    node.datacenter = "dc1";
    node.status = model::NodeStatus::ready;
    node.resources.cpu = {.shares = 4'000, .cores = 4};
    node.resources.memory.mb = 8'000;
    node.resources.disk.mb = 50'000;
    node.attributes["driver.raw_exec"] = "1";
    apply(wire::RegisterNode{.node = node});
  }

  void silence(std::uint8_t n, model::NodeStatus status) {
    apply(wire::UpdateNodeStatus{.node_id = id<base::NodeNoun>(n), .status = status});
  }

  model::Job job(const std::string& generation, int canary = 0, int parallel = 1) {
    model::Job job;
    job.id = job.name = "agent";
    job.type = model::JobType::system;
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "g";
    group.count = 1;
    group.update.emplace().max_parallel = parallel;
    group.update->canary = canary;
    model::Task& task = group.tasks.emplace_back();
    task.name = "t";
    task.driver = "raw_exec";
    task.env["GENERATION"] = generation;
    return job;
  }

  Outcome run() {
    model::Evaluation eval;
    eval.id = id<base::EvalNoun>(++evals);
    eval.job_id = "agent";
    eval.type = "system";
    Outcome outcome = schedule(*store.snapshot(), eval, now);
    wire::ApplyPlans plans;
    plans.plans.push_back(outcome.plan.result);
    apply(plans);
    return outcome;
  }
  Outcome submit(const model::Job& job) {
    apply(wire::RegisterJob{.job = job});
    return run();
  }

  /// Everything that is wanted runs, and what is no longer wanted has ended.
  void settle(std::optional<bool> healthy = true) {
    for (const auto& alloc : store.snapshot()->allocs_of_job({"default", "agent"})) {
      if (alloc->client_terminal()) continue;
      wire::AllocReport report{.alloc_id = alloc->id, .client_status = ClientStatus::running};
      if (alloc->server_terminal())
        report.client_status = ClientStatus::complete;
      else if (!alloc->deployment_id.is_nil())
        report.deployment_healthy = healthy;
      apply(wire::UpdateAllocs{.node_id = alloc->node_id, .reports = {report}});
    }
  }

  /// By node number: the version that is wanted there, with a c for canaries: "0 1c -".
  std::string picture() {
    std::string text;
    for (std::uint8_t n = 1; store.snapshot()->node(id<base::NodeNoun>(n)); ++n) {
      std::string here;
      for (const auto& alloc : store.snapshot()->allocs_of_node(id<base::NodeNoun>(n)))
        if (!alloc->terminal())
          here += std::to_string(alloc->job->version) + (alloc->is_canary() ? "c" : "");
      text += (text.empty() ? "" : " ") + (here.empty() ? "-" : here);
    }
    return text;
  }

  state::Ref<model::Deployment> rollout() {
    return store.snapshot()->latest_deployment({"default", "agent"});
  }
  const model::DeploymentState& row() { return rollout()->groups.at("g"); }
  void promote() {
    apply(wire::PromoteDeployment{.deployment_id = rollout()->id, .groups = {"g"}});
  }
  void set_status(DeploymentStatus status) {
    apply(wire::UpdateDeployment{.update = {rollout()->id, status, "", {}}});
  }
  /// Runs until nothing changes, and all is well each time.
  int rounds() {
    for (int n = 0;; ++n) {
      settle();
      if (run().plan.is_empty()) return n;
    }
  }

  state::Store store;
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
  base::Instant now = base::Instant::from_seconds(1'000'000);
};

TEST_F(SystemTest, the_first_version_goes_everywhere_at_once_with_a_deployment) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  submit(job("a", 50));
  EXPECT_EQ(picture(), "0 0 0");
  EXPECT_EQ(row().desired_total, 3);
  EXPECT_EQ(row().desired_canaries, 0);
  EXPECT_EQ(rollout()->status, DeploymentStatus::running);
  settle();
  run();
  EXPECT_EQ(rollout()->status, DeploymentStatus::successful);
  EXPECT_TRUE(store.snapshot()->job({"default", "agent"})->stable);
}

TEST_F(SystemTest, a_new_version_goes_on_when_the_one_before_is_healthy) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  submit(job("a"));
  rounds();
  submit(job("b"));
  EXPECT_EQ(picture(), "1 0 0");
  EXPECT_TRUE(run().plan.is_empty()) << "its health is not known yet, and no timer is needed";
  settle();
  run();
  EXPECT_EQ(picture(), "1 1 0");
  settle(false);
  run();
  EXPECT_EQ(picture(), "1 1 0") << "one that is unwell holds everything";
}

TEST_F(SystemTest, a_failed_or_paused_rollout_replaces_nothing_more) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  submit(job("a"));
  rounds();
  submit(job("b"));
  settle();
  set_status(DeploymentStatus::paused);
  EXPECT_TRUE(run().plan.is_empty());
  set_status(DeploymentStatus::failed);
  EXPECT_TRUE(run().plan.is_empty());
  EXPECT_EQ(picture(), "1 0");
}

TEST_F(SystemTest, canaries_are_a_share_of_the_nodes_rounded_up) {
  for (std::uint8_t n = 1; n <= 5; ++n)
    add_node(n);
  submit(job("a", 50, 5));
  rounds();
  submit(job("b", 50, 5));
  EXPECT_EQ(picture(), "1c 1c 1c 0 0");
  EXPECT_EQ(row().desired_canaries, 3);
  EXPECT_EQ(row().placed_canaries.size(), 3u);
  EXPECT_EQ(rollout()->status_description, "Deployment is running but requires manual promotion");
  rounds();
  EXPECT_EQ(picture(), "1c 1c 1c 0 0");
  promote();
  rounds();
  EXPECT_EQ(picture(), "1 1 1 1 1");
  EXPECT_EQ(rollout()->status, DeploymentStatus::successful);
}

TEST_F(SystemTest, canaries_come_max_parallel_at_a_time) {
  for (std::uint8_t n = 1; n <= 4; ++n)
    add_node(n);
  submit(job("a", 50));
  rounds();
  submit(job("b", 50));
  EXPECT_EQ(picture(), "1c 0 0 0");
  rounds();
  EXPECT_EQ(picture(), "1c 1c 0 0");
}

TEST_F(SystemTest, a_change_that_replaces_nothing_needs_no_canaries) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  submit(job("a", 50));
  rounds();
  model::Job other = job("a", 50);
  other.priority = 60;
  submit(other);
  EXPECT_EQ(picture(), "1 1");
  rounds();
  EXPECT_EQ(rollout()->status, DeploymentStatus::successful);
}

TEST_F(SystemTest, a_new_node_waits_for_the_promotion) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  submit(job("a", 50));
  rounds();
  submit(job("b", 50));
  add_node(3);
  rounds();
  EXPECT_EQ(picture(), "1c 0 -");
  EXPECT_EQ(row().desired_total, 3);
  EXPECT_EQ(row().desired_canaries, 1);
  promote();
  rounds();
  EXPECT_EQ(picture(), "1 1 1");
  EXPECT_EQ(rollout()->status, DeploymentStatus::successful);
}

TEST_F(SystemTest, while_canaries_wait_an_old_copy_that_fails_comes_back_as_it_was) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  submit(job("a", 50));
  rounds();
  submit(job("b", 50));
  rounds();
  for (const auto& alloc : store.snapshot()->allocs_of_job({"default", "agent"}))
    if (!alloc->terminal())
      apply(wire::UpdateAllocs{
          .node_id = alloc->node_id,
          .reports = {{.alloc_id = alloc->id, .client_status = ClientStatus::failed}}});
  EXPECT_EQ(picture(), "- -");
  run();
  EXPECT_EQ(picture(), "1c 0");
}

TEST_F(SystemTest, going_back_needs_no_canaries_and_trying_again_takes_the_same_nodes) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  submit(job("a", 30));
  rounds();
  silence(1, model::NodeStatus::down);
  submit(job("b", 30));
  run();
  EXPECT_EQ(picture(), "- 1c 0");
  settle();
  silence(1, model::NodeStatus::ready);
  set_status(DeploymentStatus::failed);
  run();
  EXPECT_EQ(picture(), "0 1c 0") << "a node that comes while it has failed gets what others have";
  submit(job("c", 30));
  EXPECT_EQ(picture(), "0 2c 0");
  settle();
  set_status(DeploymentStatus::failed);
  submit(job("a", 30));
  EXPECT_EQ(picture(), "3 3 3") << "in place where it never left";
}

TEST_F(SystemTest, a_canary_whose_node_is_gone_stands_elsewhere_or_is_not_waited_for) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  submit(job("a", 50));
  rounds();
  submit(job("b", 50));
  rounds();
  silence(1, model::NodeStatus::down);
  run();
  EXPECT_EQ(picture(), "- 1c");
  silence(2, model::NodeStatus::down);
  run();
  EXPECT_EQ(rollout()->status, DeploymentStatus::running) << "nobody promoted it";
  EXPECT_EQ(row().desired_total, 0);
  EXPECT_EQ(row().desired_canaries, 1);
}

TEST_F(SystemTest, a_node_that_leaves_does_not_hold_the_rollout) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  submit(job("a"));
  rounds();
  submit(job("b"));
  settle();
  silence(2, model::NodeStatus::down);
  rounds();
  EXPECT_EQ(row().desired_total, 1);
  EXPECT_EQ(rollout()->status, DeploymentStatus::successful);
  silence(2, model::NodeStatus::ready);
  run();
  EXPECT_EQ(picture(), "1 1");
}

TEST_F(SystemTest, a_node_that_takes_nothing_new_keeps_its_old_copy_for_later) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  submit(job("a"));
  rounds();
  for (const std::uint8_t n : {2, 3})
    apply(wire::UpdateNodeEligibility{.node_id = id<base::NodeNoun>(n), .eligible = false});
  submit(job("b"));
  rounds();
  EXPECT_EQ(picture(), "1 0 0");
  EXPECT_EQ(rollout()->status, DeploymentStatus::successful);
  for (const std::uint8_t n : {2, 3})
    apply(wire::UpdateNodeEligibility{.node_id = id<base::NodeNoun>(n), .eligible = true});
  const Outcome outcome = run();
  EXPECT_EQ(picture(), "1 1 0");
  ASSERT_EQ(outcome.plan.result.evals.size(), 1u) << "no rollout says when to go on";
  EXPECT_EQ(outcome.plan.result.evals[0].wait_until.unix_ns, (now + 30s).unix_ns);
}

TEST_F(SystemTest, without_max_parallel_all_are_replaced_at_once_and_nothing_is_watched) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  submit(job("a", 50, 0));
  submit(job("b", 50, 0));
  EXPECT_EQ(picture(), "1 1 1");
  EXPECT_EQ(rollout(), nullptr);
}

TEST_F(SystemTest, stopping_the_job_ends_its_rollout) {
  add_node(1);
  submit(job("a"));
  apply(wire::DeregisterJob{.ns = "default", .job_id = "agent"});
  run();
  EXPECT_EQ(picture(), "-");
  EXPECT_EQ(rollout()->status, DeploymentStatus::cancelled);
}

TEST_F(SystemTest, a_silent_node_is_waited_for) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  model::Job first = job("a");
  first.groups[0].disconnect.emplace().lost_after = 10min;
  submit(first);
  rounds();
  silence(1, model::NodeStatus::disconnected);
  const Outcome outcome = run();
  ASSERT_EQ(outcome.plan.result.stopped.size(), 1u);
  EXPECT_EQ(outcome.plan.result.stopped[0].client_status, ClientStatus::unknown);
  ASSERT_EQ(outcome.plan.result.evals.size(), 1u);
  EXPECT_EQ(outcome.plan.result.evals[0].triggered_by, "max-disconnect-timeout");
  EXPECT_EQ(picture(), "0 0");
  EXPECT_TRUE(run().plan.is_empty());
  // A new version passes it by, and reaches it when it is back.
  model::Job second = job("b");
  second.groups[0].disconnect = first.groups[0].disconnect;
  submit(second);
  EXPECT_EQ(picture(), "0 1");
  EXPECT_EQ(row().desired_total, 1);
  silence(1, model::NodeStatus::ready);
  rounds();
  EXPECT_EQ(picture(), "1 1");
}

TEST_F(SystemTest, a_node_that_is_silent_for_too_long_is_given_up) {
  for (std::uint8_t n = 1; n <= 2; ++n)
    add_node(n);
  model::Job first = job("a");
  first.groups[0].disconnect.emplace().lost_after = 10min;
  submit(first);
  rounds();
  silence(1, model::NodeStatus::disconnected);
  run();
  now = now + 10min;
  run();
  EXPECT_EQ(picture(), "- 0");
  silence(1, model::NodeStatus::ready);
  run();
  EXPECT_EQ(picture(), "0 0");
}

}  // namespace
}  // namespace caravan::scheduler
