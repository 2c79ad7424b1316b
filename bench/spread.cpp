// SPDX-License-Identifier: Apache-2.0
// Where other schedulers fall off a cliff: affinity, even spread and targets, by few values and by
// as many as there are nodes, for groups of growing size.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/fleet.hpp"
#include "bench/report.hpp"
#include "scheduler/plan.hpp"

namespace caravan::bench {
namespace {

void measure(const Options& options, Cluster& cluster, const std::string& name, int count,
             void (*change)(model::TaskGroup&)) {
  model::Job job = make_job(fmt::format("{}-{}", name, count), count);
  change(job.groups[0]);
  const model::Evaluation eval = cluster.submit(job);
  const state::Snapshot snapshot = cluster.store.snapshot();
  scheduler::Fleet fleet(*snapshot);
  Report report{.name = "spread/" + name, .nodes = static_cast<int>(snapshot->nodes.size())};
  report.jobs = 1;
  report.count = count;
  for (int run = 0; run < options.runs; ++run) {
    const double begin = cpu_now();
    const scheduler::Outcome outcome = scheduler::schedule(*snapshot, fleet, eval, cluster.now);
    report.steps.add(cpu_now() - begin);
    report.placed = static_cast<long>(outcome.plan.result.placed.size());
  }
  if (report.placed != count) wrong(fmt::format("{}: {} placed", report.name, report.placed));
  report.seconds = report.steps.quantile(0.5);
  print(report, options);
}

}  // namespace

void run_spread(const Options& options) {
  Cluster cluster(options.nodes.value_or(5'000));
  for (const int count : {100, options.count.value_or(1'000)}) {
    measure(options, cluster, "affinity", count, [](model::TaskGroup& group) {
      group.affinities.push_back({"${node.class}", "fast", "=", 60, {}});
    });
    measure(options, cluster, "even", count, [](model::TaskGroup& group) {
      group.spreads.emplace_back().attribute = "${meta.rack}";
    });
    measure(options, cluster, "targets", count, [](model::TaskGroup& group) {
      model::Spread& spread = group.spreads.emplace_back();
      spread.attribute = "${node.datacenter}";
      spread.targets = {{"dc1", 50, {}}, {"dc2", 30, {}}};
    });
    measure(options, cluster, "by-node", count, [](model::TaskGroup& group) {
      group.spreads.emplace_back().attribute = "${node.unique.name}";
    });
  }
}

}  // namespace caravan::bench
