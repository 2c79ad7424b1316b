// SPDX-License-Identifier: Apache-2.0
// The scheduler alone: many small jobs, one evaluation each, every one seeing what those before it
// placed. Only the evaluations count, with what it costs to follow the state; the state's own work
// is a figure beside them.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/fleet.hpp"
#include "bench/report.hpp"
#include "scheduler/plan.hpp"

namespace caravan::bench {

void run_mixed(const Options& options) {
  Cluster cluster(options.nodes.value_or(10'000));
  scheduler::Fleet fleet(*cluster.store.snapshot());
  Report report{.name = "mixed",
                .nodes = options.nodes.value_or(10'000),
                .jobs = options.jobs.value_or(50'000)};
  long wanted = 0, waiting = 0;
  const double begin = now();
  for (int n = 0; n < report.jobs; ++n) {
    const model::Job job = some_job(n, cluster.dice);
    wanted += job.groups[0].count;
    const model::Evaluation eval = cluster.submit(job);
    const state::Snapshot snapshot = cluster.store.snapshot();
    const double before = cpu_now();
    scheduler::Outcome outcome = scheduler::schedule(*snapshot, fleet, eval, cluster.now);
    report.steps.add(cpu_now() - before);
    report.placed += static_cast<long>(outcome.plan.result.placed.size());
    for (const auto& [group, queued] : outcome.queued)
      waiting += queued;
    wire::ApplyPlans plans;
    plans.plans.push_back(std::move(outcome.plan.result));
    cluster.apply(std::move(plans));
  }
  report.seconds = report.steps.sum();
  report.count = static_cast<int>(wanted);
  if (report.placed + waiting != wanted)
    wrong(fmt::format("mixed: {} placed and {} waiting, not {}", report.placed, waiting, wanted));
  check_cluster(*cluster.store.snapshot(), report.placed);
  report.more = {{"evals_per_s", report.jobs / report.seconds},
                 {"waiting", static_cast<double>(waiting)},
                 {"with_state_seconds", now() - begin}};
  print(report, options);
}

}  // namespace caravan::bench
