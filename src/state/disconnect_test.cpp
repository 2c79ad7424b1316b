// SPDX-License-Identifier: Apache-2.0
// What is known of allocations while nobody hears from their node.
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

class DisconnectTest : public testing::Test {
 protected:
  DisconnectTest() {
    node.bytes[15] = 1;
    alloc.bytes[15] = 2;
    model::Node there;
    there.id = node;
    there.status = model::NodeStatus::ready;
    apply(wire::RegisterNode{.node = there});
    model::Job job;
    job.id = job.name = "web";
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.disconnect.emplace().lost_after = base::Duration(60'000'000'000);
    apply(wire::RegisterJob{.job = job});
    wire::ApplyPlans plans;
    model::Allocation& placed = plans.plans.emplace_back().placed.emplace_back();
    placed.id = alloc;
    placed.node_id = node;
    placed.job = store.snapshot()->job({"default", "web"});
    placed.group = "app";
    apply(plans);
    report(model::ClientStatus::running);
  }
  template <class Body>
  void apply(Body body) {
    ++index;
    (void)store.apply(
        index, wire::encode_command(
                   {.time_ns = 1'000 * static_cast<std::int64_t>(index), .body = std::move(body)}));
  }
  void report(model::ClientStatus status) {
    wire::AllocReport said{.alloc_id = alloc, .client_status = status};
    said.task_states["t"].state = model::TaskRunState::running;
    apply(wire::UpdateAllocs{.node_id = node, .reports = {said}});
  }
  void make_unknown() {
    wire::ApplyPlans plans;
    wire::AllocStop& stop = plans.plans.emplace_back().stopped.emplace_back();
    stop.alloc_id = alloc;
    stop.client_status = model::ClientStatus::unknown;
    stop.followup_eval_id.bytes[15] = 9;
    apply(plans);
  }
  model::Allocation now() const { return *store.snapshot()->alloc(alloc); }

  Store store;
  base::NodeId node;
  base::AllocId alloc;
  std::uint64_t index = 0;
};

TEST_F(DisconnectTest, a_report_that_was_overtaken_is_left_out) {
  const auto say = [&](std::uint64_t number, model::ClientStatus status) {
    const wire::AllocReport said{.alloc_id = alloc, .client_status = status};
    apply(wire::UpdateAllocs{.node_id = node, .reports = {said}, .number = number});
  };
  say(6, model::ClientStatus::running);
  say(5, model::ClientStatus::pending);
  EXPECT_EQ(now().client_status, model::ClientStatus::running);
  EXPECT_EQ(now().last_report, 6u);
  say(0, model::ClientStatus::pending);  // of a node of before
  EXPECT_EQ(now().client_status, model::ClientStatus::pending);
  EXPECT_EQ(now().last_report, 6u);
}

TEST_F(DisconnectTest, an_unknown_one_is_still_wanted_and_counted) {
  make_unknown();
  EXPECT_EQ(now().client_status, model::ClientStatus::unknown);
  EXPECT_FALSE(now().terminal());
  ASSERT_EQ(now().states.size(), 1u);
  EXPECT_EQ(now().states[0].value, "unknown");
  const auto summary = store.snapshot()->summary({"default", "web"});
  EXPECT_EQ(summary->groups.at("app").unknown_state, 1);
  EXPECT_EQ(store.snapshot()->job({"default", "web"})->status, model::JobStatus::running);
}

TEST_F(DisconnectTest, it_is_what_it_was_when_the_node_is_heard_from_again) {
  apply(wire::UpdateNodeStatus{.node_id = node, .status = model::NodeStatus::disconnected});
  make_unknown();
  apply(wire::UpdateNodeStatus{.node_id = node, .status = model::NodeStatus::ready});
  EXPECT_EQ(now().client_status, model::ClientStatus::running);
  EXPECT_EQ(now().states.size(), 2u);
  report(model::ClientStatus::failed);  // and then what the node says
  EXPECT_EQ(now().client_status, model::ClientStatus::failed);
  EXPECT_EQ(now().states.size(), 2u);
}

}  // namespace
}  // namespace caravan::state
