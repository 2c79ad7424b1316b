// SPDX-License-Identifier: Apache-2.0
// A node comes back, and its allocation was replaced meanwhile: which of both stays.
#include <set>

#include <gtest/gtest.h>

#include "scheduler/service.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

using model::ClientStatus;
using model::Reconcile;

class ReturnTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    (void)store.apply(index,
                      wire::encode_command({.time_ns = now.unix_ns, .body = std::move(body)}));
  }
  void add_node(std::uint8_t n) {
    model::Node node;
    node.id.bytes[15] = n;
    node.status = model::NodeStatus::ready;
    node.resources.cpu = {.shares = 4'000, .cores = 4};
    node.resources.memory.mb = 8'000;
    node.resources.disk.mb = 50'000;
    node.attributes["driver.raw_exec"] = "1";
    apply(wire::RegisterNode{.node = node});
  }
  void submit(Reconcile reconcile, int generation = 1, int count = 1) {
    model::Job job;
    job.id = job.name = "web";
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.count = count;
    group.disconnect.emplace().lost_after = base::Duration(300'000'000'000);
    group.disconnect->reconcile = reconcile;
    group.reschedule.emplace();
    model::Task& task = group.tasks.emplace_back();
    task.name = "t";
    task.driver = "raw_exec";
    task.env["GENERATION"] = std::to_string(generation);
    apply(wire::RegisterJob{.job = job});
  }
  Outcome run() {
    model::Evaluation eval;
    eval.id.bytes[15] = ++evals;
    eval.job_id = "web";
    eval.triggered_by = model::triggered_by::node_update;
    Outcome outcome = schedule(*store.snapshot(), eval, now);
    wire::ApplyPlans plans;
    plans.plans.push_back(outcome.plan.result);
    apply(plans);
    return outcome;
  }
  std::vector<state::Ref<model::Allocation>> live() {
    auto all = store.snapshot()->allocs_of_job({"default", "web"});
    std::erase_if(all, [](const auto& alloc) { return alloc->terminal(); });
    return all;
  }
  void report(const model::Allocation& alloc, std::int64_t began) {
    wire::AllocReport said{.alloc_id = alloc.id, .client_status = ClientStatus::running};
    said.task_states["t"].state = model::TaskRunState::running;
    said.task_states["t"].started_at = base::Instant::from_seconds(began);
    apply(wire::UpdateAllocs{.node_id = alloc.node_id, .reports = {said}});
  }
  void set_status(const base::NodeId& node, model::NodeStatus status) {
    apply(wire::UpdateNodeStatus{.node_id = node, .status = status});
  }
  /// One copy that goes unknown, is replaced, and comes back. Afterwards both run.
  void part_and_return() {
    add_node(1);
    run();
    original = *live().at(0);
    report(original, 100);
    add_node(2);
    set_status(original.node_id, model::NodeStatus::disconnected);
    const Outcome outcome = run();
    ASSERT_EQ(outcome.plan.result.placed.size(), 1u);
    replacement = outcome.plan.result.placed[0];
    EXPECT_EQ(store.snapshot()->alloc(original.id)->client_status, ClientStatus::unknown);
    EXPECT_EQ(outcome.plan.result.evals.at(0).triggered_by, "max-disconnect-timeout");
    report(replacement, 200);
  }
  base::AllocId left_after_return() {
    set_status(original.node_id, model::NodeStatus::ready);
    run();
    EXPECT_EQ(live().size(), 1u);
    return live().at(0)->id;
  }

  /// Among those that may run.
  void expect_one_of_each_number(std::size_t count) {
    std::set<int> numbers;
    for (const auto& alloc : live())
      if (alloc->client_status != ClientStatus::unknown)
        EXPECT_TRUE(numbers.insert(alloc->index).second) << alloc->name();
    EXPECT_EQ(numbers.size(), count);
  }

  state::Store store;
  base::Instant now = base::Instant::from_seconds(1'700'000'000);
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
  model::Allocation original, replacement;
};

TEST_F(ReturnTest, the_original_stays_when_it_is_to_be_kept) {
  submit(Reconcile::keep_original);
  part_and_return();
  EXPECT_EQ(left_after_return(), original.id);
}

TEST_F(ReturnTest, the_replacement_stays_when_it_is_to_be_kept) {
  submit(Reconcile::keep_replacement);
  part_and_return();
  EXPECT_EQ(left_after_return(), replacement.id);
}

TEST_F(ReturnTest, who_has_run_for_longest_stays) {
  submit(Reconcile::longest_running);
  part_and_return();
  EXPECT_EQ(left_after_return(), original.id);
}

TEST_F(ReturnTest, a_newer_version_stays_whatever_was_asked_for) {
  submit(Reconcile::keep_original);
  add_node(1);
  run();
  original = *live().at(0);
  report(original, 100);
  add_node(2);
  set_status(original.node_id, model::NodeStatus::disconnected);
  submit(Reconcile::keep_original, 2);
  replacement = run().plan.result.placed.at(0);
  report(replacement, 200);
  EXPECT_EQ(left_after_return(), replacement.id);
}

TEST_F(ReturnTest, it_is_lost_when_its_time_is_over) {
  submit(Reconcile::keep_original);
  part_and_return();
  now = now + base::Duration(301'000'000'000);
  run();
  EXPECT_EQ(store.snapshot()->alloc(original.id)->client_status, ClientStatus::lost);
  EXPECT_EQ(left_after_return(), replacement.id);
}

// The replacement had moved on meanwhile. The original was placed anew, in the place of a copy that
// was lost.
TEST_F(ReturnTest, nobody_takes_a_place_that_another_has) {
  submit(Reconcile::best_score);
  part_and_return();
  submit(Reconcile::best_score, 1, 2);
  for (const model::Allocation& alloc : run().plan.result.placed)
    report(alloc, 300);
  add_node(3);
  wire::TransitionAllocs move;
  move.transitions[replacement.id.to_string()].migrate = true;
  apply(move);
  const model::Allocation moved = run().plan.result.placed.at(0);
  report(moved, 400);
  ASSERT_NE(moved.node_id, replacement.node_id);
  set_status(replacement.node_id, model::NodeStatus::down);
  const std::vector<model::Allocation> placed = run().plan.result.placed;
  ASSERT_EQ(placed.size(), 1u);
  EXPECT_EQ(placed[0].index, 1);
  expect_one_of_each_number(2);
  set_status(original.node_id, model::NodeStatus::ready);
  EXPECT_TRUE(run().plan.result.placed.empty());
  expect_one_of_each_number(2);
}

TEST_F(ReturnTest, doubles_that_nobody_has_linked_go) {
  submit(Reconcile::keep_original);
  part_and_return();
  wire::ApplyPlans plans;
  model::Allocation third = replacement;
  third.id.bytes[0] ^= 1;
  third.previous_allocation = base::AllocId();
  plans.plans.emplace_back().placed.push_back(third);
  apply(plans);
  report(third, 300);
  submit(Reconcile::keep_original, 1, 4);
  set_status(original.node_id, model::NodeStatus::ready);
  (void)run();  // it changes those that stay in place, and makes three
  expect_one_of_each_number(4);
}

TEST_F(ReturnTest, without_a_change_nothing_is_written_twice) {
  submit(Reconcile::keep_original);
  part_and_return();
  EXPECT_TRUE(run().plan.is_empty());
}

}  // namespace
}  // namespace caravan::scheduler
