// SPDX-License-Identifier: Apache-2.0
#include "scheduler/preemption.hpp"

#include <gtest/gtest.h>

#include "scheduler/plan.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

template <class SomeId>
SomeId id(std::uint8_t n) {
  SomeId id;
  id.bytes[0] = 1;
  id.bytes[15] = n;
  return id;
}

/// Nodes of 1000 MHz, 1000 MB; jobs with one task each.
class PreemptionTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = now.unix_ns, .body = std::move(body)}));
  }
  void add_node(std::uint8_t n) {
    model::Node node;
    node.id = id<base::NodeId>(n);
    node.name = "n" + std::to_string(n);
    node.datacenter = "dc1";
    node.status = model::NodeStatus::ready;
    node.resources.cpu = {.shares = 1'000, .cores = 4};
    node.resources.memory.mb = 1'000;
    node.resources.disk.mb = 50'000;
    node.attributes["driver.raw_exec"] = "1";
    apply(wire::RegisterNode{.node = node});
  }
  static model::Job job(const std::string& name, int priority, int memory_mb, int count = 1) {
    model::Job job;
    job.id = job.name = name;
    job.priority = priority;
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "g";
    group.count = count;
    group.ephemeral_disk.size_mb = 10;
    model::Task& task = group.tasks.emplace_back();
    task.name = "t";
    task.driver = "raw_exec";
    task.resources.cpu = 10;
    task.resources.memory_mb = memory_mb;
    return job;
  }
  static void want_port(model::Job& job, int port) {
    model::Port wanted;
    wanted.label = "http";
    wanted.value = port;
    job.groups[0].networks.emplace_back().reserved_ports.push_back(wanted);
  }
  void allow_service() {
    wire::SetSchedulerConfig set;
    set.config.preemption.service = true;
    apply(set);
  }
  Outcome run(const model::Job& job) {
    apply(wire::RegisterJob{.job = job});
    model::Evaluation eval;
    eval.id = id<base::EvalId>(++evals);
    eval.job_id = job.id;
    eval.type = model::name_of(job.type);
    eval.triggered_by = "job-register";
    Outcome outcome = schedule(*store.snapshot(), eval, now);
    wire::ApplyPlans plans;
    plans.plans.push_back(outcome.plan.result);
    apply(plans);
    return outcome;
  }
  /// The jobs of all that were preempted, one word for each.
  std::multiset<std::string> preempted() {
    std::multiset<std::string> names;
    store.snapshot()->allocs.each([&](const auto&, const state::Ref<model::Allocation>& alloc) {
      if (alloc->desired_status == model::DesiredStatus::evict) names.insert(alloc->job->id);
    });
    return names;
  }
  using Names = std::multiset<std::string>;

  state::Store store;
  base::Instant now = base::Instant::from_seconds(1'700'000'000);
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
};

TEST_F(PreemptionTest, services_preempt_only_when_operators_let_them) {
  add_node(1);
  run(job("low", 20, 800));
  EXPECT_EQ(run(job("high", 70, 800)).queued.at("g"), 1);
  EXPECT_EQ(preempted(), Names{});
  allow_service();
  EXPECT_EQ(run(job("high", 70, 800)).queued.at("g"), 0);
  EXPECT_EQ(preempted(), Names{"low"});
}

TEST_F(PreemptionTest, system_jobs_preempt_unless_told_otherwise) {
  add_node(1);
  run(job("low", 20, 800));
  model::Job everywhere = job("agent", 70, 800);
  everywhere.type = model::JobType::system;
  const Outcome outcome = run(everywhere);
  EXPECT_EQ(outcome.plan.result.placed.size(), 1u);
  EXPECT_EQ(outcome.annotations.desired_updates.at("g").preemptions, 1u);
  EXPECT_EQ(preempted(), Names{"low"});
}

TEST_F(PreemptionTest, both_sides_know_of_each_other) {
  add_node(1);
  allow_service();
  const base::AllocId victim = run(job("low", 20, 800)).plan.result.placed.at(0).id;
  const Outcome outcome = run(job("high", 70, 800));
  const model::Allocation& placed = outcome.plan.result.placed.at(0);
  EXPECT_EQ(placed.preempted_allocations, std::vector{victim});
  EXPECT_NE(placed.score.preemption, 0);
  const state::Ref<model::Allocation> ended = store.snapshot()->alloc(victim);
  EXPECT_EQ(ended->preempted_by, placed.id);
  EXPECT_EQ(ended->desired_description, "Preempted by alloc ID " + placed.id.to_string());
  ASSERT_EQ(outcome.annotations.preempted.size(), 1u);
  EXPECT_EQ(outcome.annotations.preempted[0].job_id, "low");
}

TEST_F(PreemptionTest, a_priority_that_is_less_than_ten_higher_preempts_nobody) {
  add_node(1);
  allow_service();
  run(job("low", 41, 800));
  EXPECT_EQ(run(job("high", 50, 800)).queued.at("g"), 1);
  EXPECT_EQ(run(job("higher", 51, 800)).queued.at("g"), 0);
  EXPECT_EQ(preempted(), Names{"low"});
}

TEST_F(PreemptionTest, room_is_taken_where_nothing_ends_if_there_is_any) {
  add_node(1);
  allow_service();
  run(job("low", 20, 800));
  add_node(2);
  run(job("high", 70, 800));
  EXPECT_EQ(preempted(), Names{});
}

TEST_F(PreemptionTest, the_least_important_end_first) {
  add_node(1);
  allow_service();
  run(job("ten", 10, 300));
  run(job("twenty", 20, 300));
  run(job("thirty", 30, 300));
  run(job("high", 70, 500));  // 100 are free
  EXPECT_EQ(preempted(), (Names{"ten", "twenty"}));
}

TEST_F(PreemptionTest, among_equals_the_size_that_is_needed_ends) {
  add_node(1);
  allow_service();
  run(job("small", 20, 100));
  run(job("large", 20, 500));
  run(job("fitting", 20, 300));
  run(job("high", 70, 400));  // 100 are free
  EXPECT_EQ(preempted(), Names{"fitting"});
}

TEST_F(PreemptionTest, whom_a_later_one_made_superfluous_goes_on) {
  add_node(1);
  allow_service();
  run(job("ten", 10, 200));
  run(job("twenty", 20, 700));
  run(job("high", 70, 750));  // 100 are free; 200 more do not help, and 700 are enough
  EXPECT_EQ(preempted(), Names{"twenty"});
}

TEST_F(PreemptionTest, a_holder_of_a_static_port_ends_for_it) {
  add_node(1);
  allow_service();
  model::Job low = job("low", 40, 100), other = job("other", 10, 100), high = job("high", 70, 100);
  want_port(low, 8080);
  want_port(other, 9090);
  want_port(high, 8080);
  run(low);
  run(other);
  const Outcome outcome = run(high);
  ASSERT_EQ(outcome.plan.result.placed.size(), 1u);
  EXPECT_EQ(outcome.plan.result.placed[0].ports.at(0).value, 8080);
  EXPECT_EQ(preempted(), Names{"low"});
}

TEST_F(PreemptionTest, cores_are_given_up_with_what_had_them) {
  add_node(1);
  allow_service();
  model::Job low = job("low", 10, 100), high = job("high", 70, 100);
  low.groups[0].tasks[0].resources.cores = 3;
  high.groups[0].tasks[0].resources.cores = 2;
  run(low);
  run(job("other", 10, 100));  // has no cores, and is left alone
  const Outcome outcome = run(high);
  ASSERT_EQ(outcome.plan.result.placed.size(), 1u);
  EXPECT_EQ(outcome.plan.result.placed[0].reserved_cores, (std::vector{0, 1}));
  EXPECT_EQ(preempted(), Names{"low"});
}

TEST_F(PreemptionTest, one_who_may_not_end_keeps_the_port) {
  add_node(1);
  allow_service();
  model::Job equal = job("equal", 70, 100), high = job("high", 70, 100);
  want_port(equal, 8080);
  want_port(high, 8080);
  run(equal);
  run(job("low", 10, 100));
  EXPECT_EQ(run(high).queued.at("g"), 1);
  EXPECT_EQ(preempted(), Names{});
}

TEST_F(PreemptionTest, the_node_where_less_is_lost_is_chosen) {
  allow_service();
  add_node(1);
  run(job("a", 60, 900));
  add_node(2);
  run(job("b", 10, 900));
  run(job("high", 90, 900));
  EXPECT_EQ(preempted(), Names{"b"});
}

TEST_F(PreemptionTest, several_copies_end_different_ones) {
  allow_service();
  for (std::uint8_t n = 1; n <= 3; ++n)
    add_node(n);
  run(job("low", 20, 800, 3));
  const Outcome outcome = run(job("high", 70, 800, 4));
  EXPECT_EQ(outcome.plan.result.placed.size(), 3u);
  EXPECT_EQ(outcome.queued.at("g"), 1);
  EXPECT_EQ(preempted().size(), 3u);
}

TEST_F(PreemptionTest, groups_that_moved_enough_are_left_alone_while_others_are_there) {
  allow_service();
  add_node(1);
  model::Job careful = job("careful", 20, 300, 2), careless = job("careless", 20, 300);
  careful.groups[0].migrate.emplace().max_parallel = 1;
  run(careful);
  run(careless);
  model::Job high = job("high", 70, 300, 2);  // 100 are free
  run(high);
  EXPECT_EQ(preempted(), (Names{"careful", "careless"}));
}

/// Random jobs on small nodes. What is free is counted from the bare state.
class AnyCluster : public PreemptionTest {
 protected:
  static constexpr int memory = 1'000, reach = 10;

  struct Load {
    int used = 0, bearable = 0;  // all of it, and what may end for a job of a priority
  };
  Load load(const base::NodeId& node, int priority) {
    Load load;
    for (const state::Ref<model::Allocation>& alloc : store.snapshot()->allocs_of_node(node)) {
      if (alloc->terminal()) continue;
      const int size = alloc->task_group().tasks[0].resources.memory_mb;
      load.used += size;
      if (alloc->job->priority + reach <= priority) load.bearable += size;
    }
    return load;
  }
  std::vector<base::NodeId> nodes() {
    std::vector<base::NodeId> ids;
    store.snapshot()->nodes.each(
        [&](const base::NodeId& node, const auto&) { ids.push_back(node); });
    return ids;
  }
  void judge(const Outcome& outcome, const model::Job& job) {
    const auto now = store.snapshot();
    for (const base::NodeId& node : nodes())
      EXPECT_LE(load(node, job.priority).used, memory);
    for (const model::PreemptedAlloc& ended : outcome.annotations.preempted) {
      const state::Ref<model::Allocation> victim = now->alloc(ended.id);
      const state::Ref<model::Allocation> winner = now->alloc(victim->preempted_by);
      EXPECT_EQ(victim->node_id, winner->node_id);
      EXPECT_EQ(winner->job->id, job.id);
      EXPECT_LE(victim->job->priority + reach, job.priority);
    }
    if (outcome.queued.at("g") == 0) return;
    for (const base::NodeId& node : nodes()) {  // not even the end of all would have helped
      const Load there = load(node, job.priority);
      EXPECT_GT(there.used - there.bearable + job.groups[0].tasks[0].resources.memory_mb, memory);
    }
  }
};

TEST_F(AnyCluster, gives_room_to_all_that_could_have_it_and_never_too_much) {
  allow_service();
  std::uint64_t state = 7;
  const auto below = [&](std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int>((state >> 33) % n);
  };
  for (std::uint8_t n = 1; n <= 5; ++n)
    add_node(n);
  std::size_t preemptions = 0;
  for (int round = 0; round < 120; ++round) {
    const model::Job any =
        job("j" + std::to_string(below(30)), 1 + below(100), 100 * (1 + below(7)), 1 + below(3));
    const Outcome outcome = run(any);
    judge(outcome, any);
    preemptions += outcome.annotations.preempted.size();
  }
  EXPECT_GT(preemptions, 20u);
}

}  // namespace
}  // namespace caravan::scheduler
