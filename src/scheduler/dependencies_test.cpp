// SPDX-License-Identifier: Apache-2.0
#include "scheduler/dependencies.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "scheduler/plan.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

class DependenciesTest : public testing::Test {
 protected:
  DependenciesTest() {
    model::Node node;
    node.id.bytes[15] = 1;
    node.name = "n1";
    node.status = model::NodeStatus::ready;
    node.resources.cpu.shares = 100'000;
    node.resources.memory.mb = 100'000;
    node.resources.disk.mb = 100'000;
    node.attributes["driver.raw_exec"] = "1";
    apply(wire::RegisterNode{.node = node});
  }
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  static model::Job job(std::string id, std::vector<std::string> groups) {
    model::Job job;
    job.id = job.name = std::move(id);
    for (std::string& name : groups) {
      model::TaskGroup& group = job.groups.emplace_back();
      group.name = std::move(name);
      model::Task& task = group.tasks.emplace_back();
      task.name = "t";
      task.driver = "raw_exec";
    }
    return job;
  }
  /// Submits it when it is new, decides, and commits: "places db; waits for group "db"".
  std::string run(const model::Job& job) {
    if (!store.snapshot()->job(job.job_id())) apply(wire::RegisterJob{.job = job});
    model::Evaluation eval;
    eval.id.bytes[15] = ++evals;
    eval.job_id = job.id;
    const Outcome outcome = schedule(*store.snapshot(), eval, base::Instant());
    wire::ApplyPlans plans;
    plans.plans.push_back(outcome.plan.result);
    apply(plans);
    std::string page = "places";
    for (const model::Allocation& alloc : outcome.plan.result.placed)
      page += " " + alloc.group;
    if (!outcome.waits_for.empty()) page += "; waits for " + base::join(outcome.waits_for, ", ");
    return page;
  }
  void report(const std::string& job, model::ClientStatus status) {
    for (const auto& alloc : store.snapshot()->allocs_of_job({"default", job})) {
      wire::AllocReport report;
      report.alloc_id = alloc->id;
      report.client_status = status;
      if (status == model::ClientStatus::complete)
        report.task_states["t"].state = model::TaskRunState::dead;
      apply(wire::UpdateAllocs{.node_id = alloc->node_id, .reports = {report}});
    }
  }

  state::Store store;
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
};

TEST_F(DependenciesTest, a_group_is_placed_once_the_one_before_is_healthy) {
  model::Job shop = job("shop", {"db", "web"});
  shop.groups[1].depends_on = {"db"};
  EXPECT_EQ(run(shop), "places db; waits for group \"db\"");
  EXPECT_EQ(run(shop), "places; waits for group \"db\"");  // placed is not yet healthy
  report("shop", model::ClientStatus::running);
  EXPECT_EQ(run(shop), "places web");
}

TEST_F(DependenciesTest, a_job_waits_for_all_of_another) {
  model::Job web = job("web", {"app"});
  web.depends_on = {"db"};
  EXPECT_EQ(run(web), "places; waits for job \"db\"");  // it is not there yet
  EXPECT_EQ(run(job("db", {"one", "two"})), "places one two");
  EXPECT_EQ(run(web), "places; waits for job \"db\"");
  report("db", model::ClientStatus::running);
  EXPECT_EQ(run(web), "places app");
  report("db", model::ClientStatus::failed);
  EXPECT_EQ(run(web), "places");  // who has started goes on
}

TEST_F(DependenciesTest, a_batch_job_is_healthy_when_it_has_succeeded) {
  model::Job load = job("load", {"g"});
  load.type = model::JobType::batch;
  model::Job web = job("web", {"app"});
  web.depends_on = {"load"};
  run(load);
  report("load", model::ClientStatus::running);
  EXPECT_EQ(run(web), "places; waits for job \"load\"");
  report("load", model::ClientStatus::complete);
  EXPECT_EQ(run(web), "places app");
}

TEST_F(DependenciesTest, a_cycle_of_jobs_is_told_before_it_is_closed) {
  model::Job a = job("a", {"g"}), b = job("b", {"g"}), c = job("c", {"g"});
  a.depends_on = {"b"};
  b.depends_on = {"c"};
  run(a);
  run(b);
  EXPECT_TRUE(job_cycle(*store.snapshot(), c).empty());
  c.depends_on = {"a"};
  EXPECT_EQ(model::cycle_text(job_cycle(*store.snapshot(), c)), "a -> b -> c -> a");
}

}  // namespace
}  // namespace caravan::scheduler
