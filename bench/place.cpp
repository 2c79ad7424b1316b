// SPDX-License-Identifier: Apache-2.0
// The scheduler alone: one evaluation of one large group, over a real snapshot.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/fleet.hpp"
#include "bench/report.hpp"
#include "scheduler/plan.hpp"

namespace caravan::bench {
namespace {

void place(const std::string& name, const model::Job& job, const Options& options,
           Cluster& cluster) {
  const model::Evaluation eval = cluster.submit(job);
  const state::Snapshot snapshot = cluster.store.snapshot();
  Report report{.name = "place/" + name,
                .nodes = static_cast<int>(snapshot->nodes.size()),
                .jobs = 1,
                .count = job.groups[0].count};
  scheduler::Fleet fleet(*snapshot);
  scheduler::Outcome outcome;
  for (int run = 0; run < options.runs; ++run) {
    model::Evaluation again = eval;
    again.id = base::EvalId(cluster.dice.uuid());
    outcome = {};
    const double begin = cpu_now();
    outcome = scheduler::schedule(*snapshot, fleet, again, cluster.now);
    report.steps.add(cpu_now() - begin);
  }
  report.seconds = report.steps.quantile(0.5);
  report.placed = static_cast<long>(outcome.plan.result.placed.size());
  if (report.placed != report.count)
    wrong(fmt::format("{}: {} of {} placed", report.name, report.placed, report.count));
  wire::ApplyPlans plans;
  plans.plans.push_back(std::move(outcome.plan.result));
  cluster.apply(std::move(plans));
  check_cluster(*cluster.store.snapshot(), report.placed);
  print(report, options);
}

}  // namespace

void run_place(const Options& options) {
  const int nodes = options.nodes.value_or(10'000), count = options.count.value_or(10'000);
  const auto measure = [&](const std::string& name, auto change) {
    if (!options.only.empty() && options.only != name) return;
    Cluster cluster(nodes);
    model::Job job = make_job("bench", count);
    change(job);
    place(name, job, options, cluster);
  };
  measure("service", [](model::Job&) {});
  measure("batch", [](model::Job& job) {
    job.type = model::JobType::batch;
    job.groups[0].update.reset();
  });
  measure("constraints", make_picky);
  measure("ports", [](model::Job& job) {
    job.groups[0].networks.emplace_back().dynamic_ports.push_back({.label = "http"});
  });
  measure("rich", make_rich);
}

}  // namespace caravan::bench
