// SPDX-License-Identifier: Apache-2.0
#include "server/plan_check.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::server {
namespace {

CheckedPlan check_plan(const state::Tables& tables, scheduler::Plan plan) {
  scheduler::Fleet fleet;
  return PlanCheck(tables, fleet).check(std::move(plan));
}

class PlanCheckTest : public testing::Test {
 protected:
  PlanCheckTest() {
    model::Node node;
    node.id.bytes[15] = 1;
    node.status = model::NodeStatus::ready;
    node.resources.cpu.shares = 1'000;
    node.resources.memory.mb = 1'000;
    node.resources.disk.mb = 10'000;
    apply(wire::RegisterNode{.node = node});
    model::Job job;
    job.id = "web";
    job.groups.emplace_back().name = "app";
    job.groups[0].tasks.emplace_back().name = "t";
    apply(wire::RegisterJob{.job = job});
  }
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  model::Allocation alloc(std::uint8_t n, std::vector<int> ports = {}) {
    model::Allocation a;
    a.id.bytes[15] = n;
    a.node_id.bytes[15] = 1;
    a.job = store.snapshot()->job({"default", "web"});
    a.group = "app";
    for (const int port : ports)
      a.ports.push_back({.label = "p", .value = port});
    return a;
  }
  /// Three of a job of that priority run; a plan ends the first for one of "web".
  scheduler::Plan preempting(int priority) {
    model::Job low = *store.snapshot()->job({"default", "web"});
    low.id = "low";
    low.priority = priority;
    apply(wire::RegisterJob{.job = low});
    wire::ApplyPlans plans;
    plans.plans.emplace_back().placed = {alloc(1), alloc(2), alloc(3)};
    for (model::Allocation& running : plans.plans[0].placed)
      running.job = store.snapshot()->job({"default", "low"});
    apply(plans);
    scheduler::Plan plan;
    plan.result.placed = {alloc(9)};
    plan.result.placed[0].preempted_allocations = {alloc(1).id};
    plan.result.stopped = {{alloc(1).id, "preempted", {}, {}, alloc(9).id, {}}};
    return plan;
  }
  CheckedPlan check(std::vector<model::Allocation> placed) {
    scheduler::Plan plan;
    plan.result.placed = std::move(placed);
    return check_plan(*store.snapshot(), plan);
  }
  state::Store store;
  std::uint64_t index = 0;
};

TEST_F(PlanCheckTest, lets_pass_what_fits) {
  EXPECT_EQ(check({alloc(1), alloc(2), alloc(3)}).dropped, 0);
}

TEST_F(PlanCheckTest, drops_what_another_plan_took_first) {
  wire::ApplyPlans plans;
  plans.plans.emplace_back().placed = {alloc(1), alloc(2)};
  apply(plans);
  EXPECT_EQ(check({alloc(3)}).dropped, 0);
  EXPECT_EQ(check({alloc(3), alloc(4)}).dropped, 2);
}

TEST_F(PlanCheckTest, never_gives_a_port_twice) {
  EXPECT_EQ(check({alloc(1, {80}), alloc(2, {81})}).dropped, 0);
  EXPECT_EQ(check({alloc(1, {80}), alloc(2, {80})}).dropped, 2);
}

TEST_F(PlanCheckTest, a_copy_whose_replacement_is_dropped_runs_on) {
  wire::ApplyPlans plans;
  plans.plans.emplace_back().placed = {alloc(1)};
  apply(plans);
  apply(wire::UpdateNodeEligibility{.node_id = alloc(1).node_id, .eligible = false});
  scheduler::Plan plan;
  plan.result.placed = {alloc(2)};
  plan.result.placed[0].previous_allocation = alloc(1).id;
  plan.result.stopped = {{alloc(1).id, "updating", {}, {}, {}, {}}};
  const CheckedPlan checked = check_plan(*store.snapshot(), plan);
  EXPECT_EQ(checked.dropped, 1);
  EXPECT_TRUE(checked.result.stopped.empty());
}

TEST_F(PlanCheckTest, what_is_preempted_gives_its_room) {
  const scheduler::Plan plan = preempting(20);
  const CheckedPlan checked = check_plan(*store.snapshot(), plan);
  EXPECT_EQ(checked.dropped, 0);
  EXPECT_EQ(checked.result.stopped.size(), 1u);
}

TEST_F(PlanCheckTest, what_became_important_meanwhile_is_not_preempted) {
  const scheduler::Plan plan = preempting(45);
  const CheckedPlan checked = check_plan(*store.snapshot(), plan);
  EXPECT_EQ(checked.dropped, 1);
  EXPECT_TRUE(checked.result.stopped.empty());
}

TEST_F(PlanCheckTest, nobody_is_preempted_for_a_placement_that_is_dropped) {
  const scheduler::Plan plan = preempting(20);
  apply(wire::UpdateNodeEligibility{.node_id = alloc(1).node_id, .eligible = false});
  const CheckedPlan checked = check_plan(*store.snapshot(), plan);
  EXPECT_EQ(checked.dropped, 1);
  EXPECT_TRUE(checked.result.stopped.empty());
}

TEST_F(PlanCheckTest, who_ended_meanwhile_was_not_preempted) {
  const scheduler::Plan plan = preempting(20);
  apply(wire::UpdateAllocs{
      .node_id = alloc(1).node_id,
      .reports = {{.alloc_id = alloc(1).id, .client_status = model::ClientStatus::complete}}});
  const CheckedPlan checked = check_plan(*store.snapshot(), plan);
  EXPECT_EQ(checked.dropped, 0);
  EXPECT_TRUE(checked.result.stopped.empty());
  EXPECT_TRUE(checked.result.placed.at(0).preempted_allocations.empty());
}

TEST_F(PlanCheckTest, a_device_is_given_once_and_only_if_it_is_there_and_well) {
  model::Node node = *store.snapshot()->node(alloc(1).node_id);
  model::NodeDeviceResource& group = node.resources.devices.emplace_back();
  group = {"nvidia", "gpu", "T4", {}, {}, {}};
  group.instances = {{"a", true, "", {}, {}}, {"b", false, "", {}, {}}};
  apply(wire::RegisterNode{.node = node});
  const auto with = [&](std::uint8_t n, const std::vector<std::string>& ids) {
    model::Allocation a = alloc(n);
    a.devices.push_back({"t", "nvidia", "gpu", "T4", ids, {}});
    scheduler::Plan plan;
    plan.result.placed = {a};
    return plan;
  };
  const auto dropped = [&](scheduler::Plan plan) {
    return check_plan(*store.snapshot(), std::move(plan)).dropped;
  };
  EXPECT_EQ(dropped(with(1, {"a"})), 0);
  EXPECT_EQ(dropped(with(1, {"b"})), 1);
  EXPECT_EQ(dropped(with(1, {"c"})), 1);
  EXPECT_EQ(dropped(with(1, {"a", "a"})), 1);
  scheduler::Fleet fleet;
  PlanCheck check(*store.snapshot(), fleet);
  EXPECT_EQ(check.check(with(1, {"a"})).dropped, 0);
  EXPECT_EQ(check.check(with(2, {"a"})).dropped, 1) << "of two plans at the same time";
  wire::ApplyPlans plans;
  plans.plans.push_back(with(1, {"a"}).result);
  apply(plans);
  EXPECT_EQ(dropped(with(1, {"a"})), 0) << "an update in place keeps it";
  plans.plans[0].placed.clear();
  wire::AllocStop stop;
  stop.alloc_id = alloc(1).id;
  stop.description = "not needed";
  plans.plans[0].stopped = {stop};
  apply(plans);
  EXPECT_EQ(dropped(with(2, {"a"})), 1) << "until its node says that it has ended";
  apply(wire::UpdateAllocs{
      .node_id = node.id,
      .reports = {{.alloc_id = alloc(1).id, .client_status = model::ClientStatus::complete}}});
  EXPECT_EQ(dropped(with(2, {"a"})), 0);
}

TEST_F(PlanCheckTest, plans_that_exceed_a_quota_together_are_not_both_committed) {
  model::Quota quota;
  quota.name = "small";
  quota.limits.emplace_back().amounts.memory_mb = 500;  // a copy takes 300
  apply(wire::UpsertQuotas{.quotas = {quota}});
  model::Namespace space = model::default_namespace();
  space.quota = "small";
  apply(wire::UpsertNamespaces{.namespaces = {space}});
  scheduler::Plan first, second;
  first.result.placed = {alloc(1)};
  second.result.placed = {alloc(2)};
  scheduler::Fleet fleet;
  PlanCheck check(*store.snapshot(), fleet);
  EXPECT_EQ(check.check(first).dropped, 0);
  EXPECT_EQ(check.check(second).dropped, 1);
  wire::ApplyPlans plans;
  plans.plans.push_back(first.result);
  apply(plans);
  EXPECT_EQ(check_plan(*store.snapshot(), second).dropped, 1);
  wire::AllocStop stop;
  stop.alloc_id = alloc(1).id;
  stop.description = "makes room";
  second.result.stopped = {stop};
  EXPECT_EQ(check_plan(*store.snapshot(), second).dropped, 0);
}

}  // namespace
}  // namespace caravan::server
