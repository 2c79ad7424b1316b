// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "scheduler/constraint.hpp"
#include "scheduler/plan.hpp"
#include "scheduler/score.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

using namespace std::chrono_literals;

template <class Noun>
base::Id<Noun> id(std::uint8_t n) {
  base::Id<Noun> id;
  id.bytes[15] = n;
  id.bytes[0] = 1;
  return id;
}

/// A cluster in a store: commands in, outcomes out, plans applied as they are.
class SchedulerTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = now.unix_ns, .body = std::move(body)}));
  }
  void add_node(std::uint8_t n, std::string datacenter = "dc1") {
    model::Node node;
    node.id = id<base::NodeNoun>(n);
    node.name = "n" + std::to_string(n);
    node.datacenter = datacenter;
    node.status = model::NodeStatus::ready;
    node.resources.cpu = {.shares = 4'000, .cores = 4};
    node.resources.memory.mb = 8'000;
    node.resources.disk.mb = 50'000;
    node.attributes["kernel.name"] = "linux";
    node.attributes["driver.raw_exec"] = "1";
    apply(wire::RegisterNode{.node = node});
  }
  model::Job job(int count) {
    model::Job job;
    job.id = job.name = "web";
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.count = count;
    group.reschedule.emplace();
    group.update.emplace();
    model::Task& task = group.tasks.emplace_back();
    task.name = "server";
    task.driver = "raw_exec";
    return job;
  }
  void submit(const model::Job& job) { apply(wire::RegisterJob{.job = job}); }
  Outcome run(std::string triggered_by = "job-register") {
    model::Evaluation eval;
    eval.id = id<base::EvalNoun>(++evals);
    eval.job_id = "web";
    eval.triggered_by = std::move(triggered_by);
    Outcome outcome = schedule(*store.snapshot(), eval, now);
    wire::ApplyPlans plans;
    plans.plans.push_back(outcome.plan.result);
    apply(plans);
    return outcome;
  }
  void report(const model::Allocation& alloc, model::ClientStatus status,
              std::optional<bool> healthy = {}) {
    wire::AllocReport r{.alloc_id = alloc.id,
                        .client_status = status,
                        .deployment_healthy = healthy,
                        .health_time = now};
    if (status == model::ClientStatus::failed || status == model::ClientStatus::complete) {
      r.task_states["server"].state = model::TaskRunState::dead;
      r.task_states["server"].failed = status == model::ClientStatus::failed;
      r.task_states["server"].finished_at = now;
    }
    apply(wire::UpdateAllocs{.node_id = alloc.node_id, .reports = {r}});
  }
  std::vector<state::Ref<model::Allocation>> live() {
    auto all = store.snapshot()->allocs_of_job({"default", "web"});
    std::erase_if(all, [](const auto& alloc) { return alloc->terminal(); });
    return all;
  }
  std::multiset<int> numbers() {
    std::multiset<int> set;
    for (const auto& alloc : live())
      set.insert(alloc->index);
    return set;
  }

  state::Store store;
  base::Instant now = base::Instant::from_seconds(1'700'000'000);
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
};

TEST_F(SchedulerTest, a_job_gets_its_copies_and_its_deployment) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  submit(job(3));
  const Outcome outcome = run();
  EXPECT_EQ(numbers(), (std::multiset{0, 1, 2}));
  EXPECT_EQ(outcome.plan.result.deployment->groups.at("app").desired_total, 3);
  std::set<base::NodeId> nodes;
  for (const auto& alloc : live())
    nodes.insert(alloc->node_id);
  EXPECT_EQ(nodes.size(), 3u);  // anti-affinity spreads equal copies
}

TEST_F(SchedulerTest, the_same_question_has_the_same_answer) {
  for (std::uint8_t n = 1; n <= 5; ++n)
    add_node(n);
  submit(job(7));
  model::Evaluation eval;
  eval.id = id<base::EvalNoun>(9);
  eval.job_id = "web";
  const auto first = wire::encode(schedule(*store.snapshot(), eval, now).plan.result);
  EXPECT_EQ(wire::encode(schedule(*store.snapshot(), eval, now).plan.result), first);
}

TEST_F(SchedulerTest, what_finds_no_room_is_queued_with_the_reason) {
  add_node(1);
  model::Job big = job(3);
  big.groups[0].tasks[0].resources.memory_mb = 3'000;
  submit(big);
  const Outcome outcome = run();
  EXPECT_EQ(live().size(), 2u);
  EXPECT_EQ(outcome.queued.at("app"), 1);
  EXPECT_EQ(outcome.failed_groups.at("app").dimension_exhausted.at("memory"), 1);
}

TEST_F(SchedulerTest, distinct_hosts_leaves_one_out_and_names_itself) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  model::Job spread = job(4);
  spread.groups[0].constraints.push_back({"", "true", "distinct_hosts", {}});
  submit(spread);
  const Outcome outcome = run();
  EXPECT_EQ(live().size(), 3u);
  EXPECT_EQ(outcome.failed_groups.at("app").constraint_filtered.at("distinct_hosts"), 3);
  add_node(4);
  run("node-update");
  EXPECT_EQ(live().size(), 4u);
}

TEST_F(SchedulerTest, constraints_and_datacenters_filter) {
  add_node(1, "dc1");
  add_node(2, "eu-1");
  model::Job picky = job(1);
  picky.datacenters = {"eu-*"};
  picky.constraints.push_back({"${attr.kernel.name}", "linux", "=", {}});
  submit(picky);
  run();
  EXPECT_EQ(live().at(0)->node_name, "n2");
  picky.constraints[0].right = "windows";
  picky.groups[0].tasks[0].env["X"] = "1";
  submit(picky);
  EXPECT_EQ(run().failed_groups.at("app").constraint_filtered.at("${attr.kernel.name} = windows"),
            1);
}

TEST_F(SchedulerTest, what_operators_set_decides_between_filling_up_and_spreading_out) {
  add_node(1);
  add_node(2);
  model::Job other = job(1);
  other.id = "other";
  submit(other);
  wire::ApplyPlans plans;
  model::Allocation& there = plans.plans.emplace_back().placed.emplace_back();
  there.id = id<base::AllocNoun>(200);
  there.node_id = id<base::NodeNoun>(1);
  there.job = store.snapshot()->job({"default", "other"});
  there.group = "app";
  apply(plans);
  submit(job(1));
  run();
  EXPECT_EQ(live().at(0)->node_id, id<base::NodeNoun>(1));
  EXPECT_FALSE(live().at(0)->memory_oversubscription);
  wire::SetSchedulerConfig set;
  set.config.algorithm = model::SchedulerAlgorithm::spread;
  set.config.memory_oversubscription = true;
  apply(set);
  apply(wire::DeregisterJob{.ns = "default", .job_id = "web", .purge = true});
  run();
  submit(job(1));
  run();
  EXPECT_EQ(live().at(0)->node_id, id<base::NodeNoun>(2));
  EXPECT_TRUE(live().at(0)->memory_oversubscription);
}

TEST_F(SchedulerTest, scaling_down_ends_the_highest_numbers) {
  add_node(1);
  submit(job(4));
  run();
  submit(job(2));
  run();
  EXPECT_EQ(numbers(), (std::multiset{0, 1}));
}

TEST_F(SchedulerTest, a_rolling_update_waits_for_health) {
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  submit(job(3));
  run();
  for (const auto& alloc : live())
    report(*alloc, model::ClientStatus::running, true);
  run("deployment-watcher");
  model::Job next = job(3);
  next.groups[0].tasks[0].env["V"] = "2";
  submit(next);
  EXPECT_EQ(run().annotations.desired_updates.at("app").destructive, 1u);
  EXPECT_EQ(run("other").annotations.desired_updates.at("app").destructive, 0u);
  for (int step = 0; step < 3; ++step) {
    for (const auto& alloc : live())
      if (alloc->job->version == 1) report(*alloc, model::ClientStatus::running, true);
    run("deployment-watcher");
  }
  for (const auto& alloc : live())
    EXPECT_EQ(alloc->job->version, 1u);
  EXPECT_EQ(store.snapshot()->latest_deployment({"default", "web"})->status,
            model::DeploymentStatus::successful);
  EXPECT_EQ(numbers(), (std::multiset{0, 1, 2}));
}

TEST_F(SchedulerTest, a_change_that_tasks_need_not_see_is_made_in_place) {
  add_node(1);
  submit(job(2));
  run();
  const auto before = live();
  model::Job next = job(2);
  next.priority = 70;
  submit(next);
  run();
  EXPECT_EQ(live().size(), 2u);
  EXPECT_EQ(live()[0]->id, before[0]->id);
  EXPECT_EQ(live()[0]->job->version, 1u);
}

TEST_F(SchedulerTest, a_change_of_env_or_meta_replaces_unless_the_job_says_otherwise) {
  add_node(1);
  const auto kept = [&](const model::Job& next) {
    const std::vector<state::Ref<model::Allocation>> before = live();
    submit(next);
    run();
    return std::ranges::any_of(live(), [&](const auto& alloc) {
      return alloc->id == before[0]->id && alloc->job->version == next.version;
    });
  };
  model::Job next = job(1);
  submit(next);
  run();
  next.groups[0].tasks[0].env["A"] = "1";
  next.version = 1;
  EXPECT_FALSE(kept(next));
  next.groups[0].update->change_mode = "noop";
  next.groups[0].tasks[0].env["A"] = "2";
  next.meta["b"] = "3";
  next.version = 2;
  EXPECT_TRUE(kept(next));
  next.groups[0].tasks[0].config["command"] = std::string("/bin/other");
  next.version = 3;
  EXPECT_FALSE(kept(next));
}

TEST_F(SchedulerTest, lost_copies_move_and_keep_their_numbers) {
  add_node(1);
  submit(job(2));
  run();
  add_node(2);
  apply(
      wire::UpdateNodeStatus{.node_id = id<base::NodeNoun>(1), .status = model::NodeStatus::down});
  run("node-update");
  EXPECT_EQ(numbers(), (std::multiset{0, 1}));
  for (const auto& alloc : live())
    EXPECT_EQ(alloc->node_name, "n2");
}

TEST_F(SchedulerTest, a_failed_copy_waits_its_delay_and_then_goes_elsewhere) {
  add_node(1);
  add_node(2);
  submit(job(1));
  run();
  const auto first = live().at(0);
  report(*first, model::ClientStatus::failed);
  const Outcome waiting = run("alloc-failure");
  ASSERT_EQ(waiting.plan.result.evals.size(), 1u);
  EXPECT_EQ(waiting.plan.result.evals[0].wait_until, now + 30s);
  now = now + 30s;
  run("alloc-failure");
  ASSERT_EQ(live().size(), 1u);
  EXPECT_NE(live()[0]->node_id, first->node_id);
  EXPECT_EQ(live()[0]->previous_allocation, first->id);
  EXPECT_EQ(live()[0]->reschedule_tracker->events.size(), 1u);
}

TEST_F(SchedulerTest, a_batch_copy_that_is_done_stays_done) {
  add_node(1);
  model::Job batch = job(1);
  batch.type = model::JobType::batch;
  submit(batch);
  run();
  report(*live().at(0), model::ClientStatus::complete);
  run();
  EXPECT_TRUE(live().empty());
  batch.groups[0].tasks[0].env["AGAIN"] = "1";
  submit(batch);
  run();
  EXPECT_EQ(live().size(), 1u);
}

TEST_F(SchedulerTest, a_system_job_is_on_every_node_once) {
  add_node(1);
  add_node(2);
  model::Job system = job(1);
  system.type = model::JobType::system;
  system.groups[0].reschedule.reset();
  submit(system);
  run();
  EXPECT_EQ(live().size(), 2u);
  add_node(3);
  run("node-update");
  run("node-update");
  EXPECT_EQ(live().size(), 3u);
}

TEST_F(SchedulerTest, static_ports_keep_copies_apart_and_dynamic_ones_differ) {
  add_node(1);
  add_node(2);
  model::Job net = job(3);
  model::NetworkResource& network = net.groups[0].networks.emplace_back();
  network.reserved_ports.push_back({.label = "http", .value = 80});
  network.dynamic_ports.push_back({.label = "admin"});
  submit(net);
  const Outcome outcome = run();
  EXPECT_EQ(live().size(), 2u);
  EXPECT_EQ(outcome.failed_groups.at("app").dimension_exhausted.at(
                "network: reserved port collision http=80"),
            2);
}

TEST_F(SchedulerTest, a_stopped_job_ends_all_of_it) {
  add_node(1);
  submit(job(2));
  run();
  apply(wire::DeregisterJob{.ns = "default", .job_id = "web"});
  run("job-deregister");
  EXPECT_TRUE(live().empty());
}

TEST(Score, fuller_nodes_pack_better) {
  const model::Footprint capacity{4'000, 8'000, 0, 0};
  EXPECT_DOUBLE_EQ(fit_score({4'000, 8'000, 0, 0}, capacity, Algorithm::binpack), 1);
  EXPECT_DOUBLE_EQ(fit_score({0, 0, 0, 0}, capacity, Algorithm::binpack), 0);
  EXPECT_GT(fit_score({3'000, 6'000, 0, 0}, capacity, Algorithm::binpack),
            fit_score({1'000, 2'000, 0, 0}, capacity, Algorithm::binpack));
}

TEST(Constraint, operators_do_what_the_docs_say) {
  model::Node node;
  node.attributes = {{"kernel.version", "6.1.0"}, {"cores", "10"}, {"tags", "a, b,c"}};
  node.meta["rack"] = "r1";
  const auto holds = [&](const char* l, const char* op, const char* r) {
    return matches(l, op, r, node);
  };
  EXPECT_TRUE(holds("${meta.rack}", "=", "r1"));
  EXPECT_TRUE(holds("${meta.none}", "!=", "x"));
  EXPECT_FALSE(holds("${meta.none}", "=", "x"));
  EXPECT_TRUE(holds("${attr.cores}", ">", "9"));
  EXPECT_TRUE(holds("${attr.kernel.version}", "version", ">= 5.4, < 7"));
  EXPECT_TRUE(holds("${attr.tags}", "set_contains", "a,c"));
  EXPECT_FALSE(holds("${attr.tags}", "set_contains_all", "a,x"));
  EXPECT_TRUE(holds("${attr.tags}", "set_contains_any", "x,b"));
  EXPECT_TRUE(holds("${meta.rack}", "regexp", "^r[0-9]"));
  EXPECT_FALSE(holds("${meta.rack}", "regexp", "("));
  EXPECT_TRUE(holds("${meta.rack}", "is_set", ""));
  EXPECT_TRUE(holds("${meta.none}", "is_not_set", ""));
}

}  // namespace
}  // namespace caravan::scheduler
