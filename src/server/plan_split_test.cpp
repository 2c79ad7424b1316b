// SPDX-License-Identifier: Apache-2.0
#include "server/plan_split.hpp"

#include <gtest/gtest.h>

#include "consensus/proposals.hpp"
#include "wire/command.hpp"

namespace caravan::server {
namespace {

base::AllocId id_of(int n) {
  base::AllocId id;
  std::memcpy(id.bytes.data(), &n, sizeof n);
  id.bytes[15] = 1;
  return id;
}

/// As many placements as the schedulers are asked for in one evaluation, each in place of another.
wire::PlanResult large_plan(int placements) {
  wire::PlanResult plan;
  plan.eval_id.bytes[0] = 7;
  plan.deployment.emplace().id.bytes[0] = 9;
  plan.evals.emplace_back().id = plan.eval_id;
  auto job = std::make_shared<model::Job>();
  job->id = "web";
  const auto metrics = std::make_shared<const model::AllocMetric>();
  for (int n = 0; n < placements; ++n) {
    model::Allocation& alloc = plan.placed.emplace_back();
    alloc.id = id_of(n);
    alloc.previous_allocation = id_of(placements + n);
    alloc.eval_id = plan.eval_id;
    alloc.node_id.bytes[0] = 3;
    alloc.node_name = "a-node-with-a-name-of-its-own";
    alloc.job = job;
    alloc.group = "app";
    alloc.index = n;
    alloc.metrics = metrics;
    for (const int port : {1, 2})
      alloc.ports.push_back({.label = "http", .value = 20'000 + port, .host_ip = "10.0.0.1"});
    plan.stopped.push_back({alloc.previous_allocation, "replaced", {}, {}, {}, {}});
  }
  return plan;
}

std::size_t command_size(wire::PlanResult part) {
  wire::ApplyPlans command;
  command.plans.push_back(std::move(part));
  return wire::encode_command({.time_ns = 1, .body = std::move(command)}).size();
}

TEST(PlanSplitTest, NoPartOfAPlanOfFiftyThousandIsTooLargeForTheLog) {
  ASSERT_GT(command_size(large_plan(50'000)), consensus::ProposalLimits().command_bytes_max);
  std::size_t placed = 0;
  for (const wire::PlanResult& part : split_plan(large_plan(50'000))) {
    placed += part.placed.size();
    EXPECT_LT(command_size(part), consensus::ProposalLimits().command_bytes_max / 2);
  }
  EXPECT_EQ(placed, 50'000u);
}

TEST(PlanSplitTest, WhatIsReplacedEndsInTheSamePart) {
  const std::vector<wire::PlanResult> parts = split_plan(large_plan(1'000), 10'000);
  ASSERT_GT(parts.size(), 10u);
  for (const wire::PlanResult& part : parts) {
    ASSERT_EQ(part.placed.size(), part.stopped.size());
    for (std::size_t i = 0; i < part.placed.size(); ++i)
      EXPECT_EQ(part.placed[i].previous_allocation, part.stopped[i].alloc_id);
  }
}

TEST(PlanSplitTest, WhatIsPreemptedEndsWithWhatTakesItsRoom) {
  wire::PlanResult plan = large_plan(1'000);
  plan.stopped.assign(1, {id_of(5'000), "preempted", {}, {}, id_of(999), {}});
  const std::vector<wire::PlanResult> parts = split_plan(std::move(plan), 10'000);
  ASSERT_GT(parts.size(), 10u);
  EXPECT_TRUE(parts.front().stopped.empty());
  EXPECT_EQ(parts.back().stopped.size(), 1u);
}

TEST(PlanSplitTest, TheDeploymentComesFirstAndTheEvaluationEndsLast) {
  const std::vector<wire::PlanResult> parts = split_plan(large_plan(1'000), 10'000);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].deployment.has_value(), i == 0);
    EXPECT_EQ(parts[i].evals.empty(), i + 1 < parts.size());
    EXPECT_EQ(parts[i].metrics.size(), 1u);
  }
}

TEST(PlanSplitTest, ASmallPlanStaysWhole) {
  EXPECT_EQ(split_plan(large_plan(50)).size(), 1u);
  EXPECT_EQ(split_plan(wire::PlanResult()).size(), 1u);
}

}  // namespace
}  // namespace caravan::server
