// SPDX-License-Identifier: Apache-2.0
#include "server/what_if.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "server/dry_run.hpp"
#include "state/store.hpp"

namespace caravan::server {
namespace {

/// Two nodes, and jobs whose copies take 600 of the 1000 MiB that each node has.
class WhatIfTest : public testing::Test {
 protected:
  WhatIfTest() {
    add_node(1);
    add_node(2);
  }
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void add_node(std::uint8_t n) {
    model::Node node;
    node.id.bytes[15] = n;
    node.name = fmt::format("n{}", n);
    node.node_class = "small";
    node.status = model::NodeStatus::ready;
    node.resources.cpu.shares = 1'000;
    node.resources.memory.mb = 1'000;
    node.resources.disk.mb = 10'000;
    node.attributes["driver.raw_exec"] = "1";
    apply(wire::RegisterNode{.node = node});
  }
  static model::Job job(std::string id, int count, int priority) {
    model::Job job;
    job.id = job.name = std::move(id);
    job.priority = priority;
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "g";
    group.count = count;
    model::Task& task = group.tasks.emplace_back();
    task.name = "t";
    task.driver = "raw_exec";
    task.resources.memory_mb = 600;
    task.config = json::Object{{"command", "true"}};
    return job;
  }
  /// Submits it and lets it have its places.
  void run(const model::Job& job) {
    apply(wire::RegisterJob{.job = job});
    model::Evaluation eval;
    eval.id.bytes[15] = ++evals;
    eval.job_id = job.id;
    wire::ApplyPlans plans;
    plans.plans.push_back(scheduler::schedule(*store.snapshot(), eval, now).plan.result);
    apply(std::move(plans));
  }
  scheduler::Fleet fleet;
  /// The plan as lines: of the job itself, then of others.
  std::string plan(const model::Job& job, std::vector<std::string> suppositions) {
    DryRunRequest request{job, false, {}};
    for (const std::string& text : suppositions) {
      const auto one = parse_supposition(text);
      if (!one) return one.error().message;
      request.suppositions.push_back(*one);
    }
    const base::Result<DryRun> run = dry_run(*store.snapshot(), fleet, request, now);
    if (!run) return run.error().message;
    std::string page =
        fmt::format("places {}, fails {}", run->annotations.desired_updates.at("g").place,
                    run->failed_groups.size());
    for (const Affected& other : run->others)
      page += fmt::format("; {} places {}, stops {}, fails {}", other.job.id, other.placed,
                          other.stopped, other.failed_groups.size());
    return page;
  }

  state::Store store;
  base::Instant now = base::Instant::from_seconds(1'700'000'000);
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
};

TEST_F(WhatIfTest, nodes_that_could_be_there_are_placed_on_and_nothing_is_written) {
  const std::uint64_t hash = store.snapshot()->hash();
  EXPECT_EQ(plan(job("web", 3, 50), {}), "places 3, fails 1");
  EXPECT_EQ(plan(job("web", 3, 50), {"node-add=small:1"}), "places 3, fails 0");
  EXPECT_EQ(store.snapshot()->hash(), hash);
}

TEST_F(WhatIfTest, a_node_that_is_down_takes_its_allocations_with_it) {
  const model::Job web = job("web", 2, 50);
  run(web);
  EXPECT_EQ(plan(web, {}), "places 0, fails 0");
  EXPECT_EQ(plan(web, {"node-down=n1"}), "places 1, fails 1");
  EXPECT_EQ(plan(web, {"node-down=n1", "node-add=small:1"}), "places 1, fails 0");
}

TEST_F(WhatIfTest, others_that_lose_something_come_before_it_when_they_are_more_important) {
  run(job("vital", 1, 80));
  const std::string name = store.snapshot()->allocs_of_job({"default", "vital"})[0]->node_name;
  EXPECT_EQ(plan(job("web", 1, 50), {"node-down=" + name}),
            "places 1, fails 1; vital places 1, stops 1, fails 0");
  EXPECT_EQ(plan(job("web", 1, 90), {"node-down=" + name}),
            "places 1, fails 0; vital places 0, stops 1, fails 1");
}

TEST_F(WhatIfTest, what_cannot_be_supposed_says_what_can) {
  const model::Job web = job("web", 1, 50);
  EXPECT_EQ(plan(web, {"node-up=n1"}),
            "\"node-up=n1\": neither node-down=<id or name> nor node-add=<class>:<count>");
  EXPECT_EQ(plan(web, {"node-down=n9"}), "node-down: no node \"n9\"");
  EXPECT_EQ(plan(web, {"node-add=large:1"}),
            "node-add: no node has the class \"large\", so there is none to be copied");
  const std::string range = ": after the class comes a colon and a count of 1..1000";
  EXPECT_EQ(plan(web, {"node-add=small"}), "\"node-add=small\"" + range);
  EXPECT_EQ(plan(web, {"node-add=small:0"}), "\"node-add=small:0\"" + range);
  EXPECT_EQ(plan(web, {"node-add=small:1001"}), "\"node-add=small:1001\"" + range);
}

}  // namespace
}  // namespace caravan::server
