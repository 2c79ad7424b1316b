// SPDX-License-Identifier: Apache-2.0
#include "scheduler/quota.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "scheduler/plan.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

/// One large node, and jobs whose copies take 100 MiB each, under a quota of 300.
class QuotaTest : public testing::Test {
 protected:
  QuotaTest() {
    model::Node node;
    node.id.bytes[15] = 1;
    node.name = "n1";
    node.status = model::NodeStatus::ready;
    node.resources.cpu.shares = 100'000;
    node.resources.memory.mb = 100'000;
    node.resources.disk.mb = 100'000;
    node.attributes["driver.raw_exec"] = "1";
    apply(wire::RegisterNode{.node = node});
    limit_to(300);
    for (const char* name : {"dev", "test"}) {
      model::Namespace space;
      space.name = name;
      space.quota = "small";
      apply(wire::UpsertNamespaces{.namespaces = {space}});
    }
  }
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void limit_to(std::int64_t memory_mb) {
    model::Quota quota;
    quota.name = "small";
    quota.limits.emplace_back().amounts.memory_mb = memory_mb;
    apply(wire::UpsertQuotas{.quotas = {quota}});
  }
  static model::Job job(std::string ns, int count, model::JobType type = model::JobType::service) {
    model::Job job;
    job.ns = std::move(ns);
    job.id = job.name = "web";
    job.type = type;
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.count = count;
    model::Task& task = group.tasks.emplace_back();
    task.name = "server";
    task.driver = "raw_exec";
    task.resources.memory_mb = 100;
    return job;
  }
  /// Submits it, decides, and commits: "places 3, queues 1, small: memory exhausted (…)".
  std::string run(const model::Job& job) {
    apply(wire::RegisterJob{.job = job});
    model::Evaluation eval;
    eval.id.bytes[15] = ++evals;
    eval.ns = job.ns;
    eval.job_id = job.id;
    const state::Snapshot before = store.snapshot();
    const Outcome outcome = schedule(*before, fleet, eval, base::Instant());
    wire::ApplyPlans plans;
    plans.plans.push_back(outcome.plan.result);
    apply(plans);
    std::string page = fmt::format(
        "places {}", std::ranges::count_if(outcome.plan.result.placed, [&](const auto& alloc) {
          return !before->alloc(alloc.id);  // the others are updated in place
        }));
    for (const auto& [group, metric] : outcome.failed_groups)
      page += fmt::format(", queues {}, {}: {}", outcome.queued.at(group),
                          outcome.quota_limit_reached, base::join(metric.quota_exhausted, ", "));
    return page;
  }
  std::int64_t used() { return quota_usage(*store.snapshot(), "small").memory_mb; }

  state::Store store;
  Fleet fleet;
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
};

TEST_F(QuotaTest, what_is_over_the_limit_is_queued_and_the_quota_is_named) {
  EXPECT_EQ(run(job("dev", 5)),
            "places 3, queues 2, small: memory exhausted (400 needed > 300 limit)");
  EXPECT_EQ(used(), 300);
  EXPECT_EQ(run(job("dev", 5)),
            "places 0, queues 2, small: memory exhausted (400 needed > 300 limit)");
}

TEST_F(QuotaTest, namespaces_share_it_and_others_are_free) {
  EXPECT_EQ(run(job("dev", 2)), "places 2");
  EXPECT_EQ(run(job("test", 2)),
            "places 1, queues 1, small: memory exhausted (400 needed > 300 limit)");
  EXPECT_EQ(run(job("default", 9)), "places 9");
}

TEST_F(QuotaTest, a_larger_limit_and_less_usage_make_room) {
  run(job("dev", 3));
  limit_to(400);
  EXPECT_EQ(run(job("dev", 5)),
            "places 1, queues 1, small: memory exhausted (500 needed > 400 limit)");
  model::Job fewer = job("dev", 1);
  run(fewer);
  EXPECT_EQ(used(), 100);
  EXPECT_EQ(run(job("test", 3)), "places 3");
}

TEST_F(QuotaTest, copies_that_are_replaced_do_not_count_twice) {
  run(job("dev", 3));
  model::Job changed = job("dev", 3);
  changed.groups[0].tasks[0].user = "nobody";
  EXPECT_EQ(run(changed), "places 3");
  EXPECT_EQ(used(), 300);
}

TEST_F(QuotaTest, system_jobs_count_too) {
  limit_to(50);
  EXPECT_EQ(run(job("dev", 1, model::JobType::system)),
            "places 0, queues 1, small: memory exhausted (100 needed > 50 limit)");
}

TEST_F(QuotaTest, a_ledger_that_follows_knows_what_counting_anew_finds) {
  run(job("dev", 2));
  EXPECT_EQ(fleet.quotas().used(*store.snapshot(), "small").memory_mb, 0);
  fleet.follow(*store.snapshot());
  EXPECT_EQ(fleet.quotas().used(*store.snapshot(), "small").memory_mb, 200);
  run(job("dev", 1));
  fleet.follow(*store.snapshot());
  EXPECT_EQ(fleet.quotas().used(*store.snapshot(), "small").memory_mb, used());
  EXPECT_EQ(used(), 100);
}

}  // namespace
}  // namespace caravan::scheduler
