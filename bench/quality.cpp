// SPDX-License-Identifier: Apache-2.0
// How well jobs are packed after a long time of coming and going: a cluster where jobs of mixed
// sizes are submitted and stopped, then what the rest of it could still hold. Compared with what
// the volumes alone would allow.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/fleet.hpp"
#include "bench/report.hpp"
#include "scheduler/plan.hpp"

namespace caravan::bench {
namespace {

class Churn {
 public:
  Churn(Cluster& cluster, Report& report) : cluster_(cluster), report_(report) {}

  void submit(const model::Job& job) { decide(cluster_.submit(job)); }
  void stop(const std::string& id) {
    model::Evaluation eval;
    eval.id = base::EvalId(cluster_.dice.uuid());
    eval.job_id = id;
    wire::DeregisterJob command{.ns = "default", .job_id = id};
    command.eval = eval;
    cluster_.apply(std::move(command));
    decide(eval);
    for (const auto& alloc : cluster_.store.snapshot()->allocs_of_job({"default", id})) {
      wire::AllocReport ended{.alloc_id = alloc->id};
      ended.client_status = model::ClientStatus::complete;
      cluster_.apply(wire::UpdateAllocs{.node_id = alloc->node_id, .reports = {ended}});
    }
  }
  long unplaced = 0;

 private:
  void decide(const model::Evaluation& eval) {
    const state::Snapshot snapshot = cluster_.store.snapshot();
    const double begin = cpu_now();
    scheduler::Outcome outcome = scheduler::schedule(*snapshot, fleet_, eval, cluster_.now);
    report_.steps.add(cpu_now() - begin);
    report_.placed += static_cast<long>(outcome.plan.result.placed.size());
    for (const auto& [group, queued] : outcome.queued)
      unplaced += queued;
    wire::ApplyPlans plans;
    plans.plans.push_back(std::move(outcome.plan.result));
    cluster_.apply(std::move(plans));
  }

  Cluster& cluster_;
  Report& report_;
  scheduler::Fleet fleet_;
};

model::Job draw_job(int number, Dice& dice) {
  model::Job job = make_job(fmt::format("churn-{}", number), 1 + dice.below(20));
  model::Resources& need = job.groups[0].tasks[0].resources;
  need.cpu = 250 * (1 + dice.below(16));
  need.memory_mb = 512 * (1 + dice.below(16));
  return job;
}

struct Volume {
  double cpu = 0, memory = 0;
  int nodes = 0;
};

Volume used(const state::Tables& tables) {
  Volume sum;
  tables.nodes.each([&](const base::NodeId& id, const state::Ref<model::Node>&) {
    bool any = false;
    for (const auto& alloc : tables.allocs_of_node(id)) {
      if (alloc->terminal()) continue;
      const model::Footprint f = model::footprint(alloc->task_group());
      sum.cpu += static_cast<double>(f.cpu);
      sum.memory += static_cast<double>(f.memory_mb);
      any = true;
    }
    sum.nodes += any;
  });
  return sum;
}

}  // namespace

void run_quality(const Options& options) {
  Cluster cluster(0);
  const int nodes = options.nodes.value_or(1'000), steps = options.jobs.value_or(4'000);
  for (int n = 0; n < nodes; ++n) {
    model::Node node = make_node(n, cluster.dice);
    node.resources.cpu = {.shares = 64'000, .cores = 32};
    node.resources.memory.mb = 131'072;
    cluster.apply(wire::RegisterNode{.node = node});
  }
  Report report{.name = "quality", .nodes = nodes, .jobs = steps};
  Churn churn(cluster, report);
  std::vector<std::string> running;
  const std::size_t kept = static_cast<std::size_t>(nodes) * 6 / 5;
  for (int n = 0; n < steps; ++n) {
    const model::Job job = draw_job(n, cluster.dice);
    churn.submit(job);
    running.push_back(job.id);
    if (running.size() <= kept) continue;
    std::swap(running[static_cast<std::size_t>(cluster.dice.below(std::ssize(running)))],
              running.back());
    churn.stop(running.back());
    running.pop_back();
  }
  const Volume churned = used(*cluster.store.snapshot());
  const double bound = std::max(churned.cpu / 64'000, churned.memory / 131'072);
  report.more = {{"nodes_used", churned.nodes},
                 {"bound", bound},
                 {"nodes_over_bound", churned.nodes / bound},
                 {"unplaced_meanwhile", static_cast<double>(churn.unplaced)}};
  const long before = churn.unplaced;
  for (int n = steps; churn.unplaced < before + 500; ++n)  // until hardly anything fits
    churn.submit(draw_job(n, cluster.dice));
  const Volume full = used(*cluster.store.snapshot());
  report.more.emplace_back(
      "share_of_scarcer_when_full",
      std::max(full.cpu / (64'000.0 * nodes), full.memory / (131'072.0 * nodes)));
  report.seconds = report.steps.sum();
  print(report, options);
}

}  // namespace caravan::bench
