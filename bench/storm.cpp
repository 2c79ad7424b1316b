// SPDX-License-Identifier: Apache-2.0
// Half of the nodes go at once. How long it takes until what ran there has other places, and how
// long those wait meanwhile who ask for what is true now.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/report.hpp"
#include "bench/site.hpp"

namespace caravan::bench {
namespace {
using namespace std::chrono_literals;

/// Nodes are missed within 4 s.
constexpr server::HeartbeatConfig heartbeat{.ttl = 2s, .grace = 2s};
constexpr base::Duration read_every = 1ms;

struct Story {
  Site& site;
  int nodes, jobs, count;
  Report report;
  bool is_over = false;

  long wanted() const { return static_cast<long>(jobs) * count; }

  /// On nodes that are there.
  long live() const {
    const state::Snapshot tables = site.server().store().snapshot();
    long live = 0;
    tables->allocs.each([&](const base::AllocId&, const state::Ref<model::Allocation>& alloc) {
      if (!alloc->terminal() && tables->node(alloc->node_id)->is_ready()) ++live;
    });
    return live;
  }

  bool has_pending() const {
    bool pending = false;
    site.server().store().snapshot()->evals.each([&](const base::EvalId&, const auto& eval) {
      pending = pending || eval->status == model::EvalStatus::pending;
    });
    return pending;
  }

  int silent_nodes() const {
    int silent = 0;
    site.server().store().snapshot()->nodes.each(
        [&](const base::NodeId&, const auto& node) { silent += node->is_ready() ? 0 : 1; });
    return silent;
  }

  /// As the HTTP threads do: wait for what was acknowledged, then answer from the snapshot.
  io::Task<void> read() {
    for (int n = 0; !is_over; ++n) {
      co_await site.world().clock.sleep(read_every);
      const double begin = now();
      const base::Status current = co_await site.server().proposals().barrier();
      if (!current) wrong("a read is refused: " + current.error().message);
      const std::string id = fmt::format("job-{}", n % jobs);
      const auto allocs = site.server().store().snapshot()->allocs_of_job({"default", id});
      if (allocs.size() < static_cast<std::size_t>(count)) wrong("a read lacks something");
      report.steps.add(now() - begin);
    }
  }

  io::Task<void> tell() {
    Dice dice(1);
    co_await site.add_nodes(nodes, dice);
    for (int n = 0; n < jobs; ++n) {
      model::Job job = small_job(n, count);
      job.groups[0].spreads.emplace_back().attribute = "${node.unique.id}";  // on all of them
      co_await site.submit(std::move(job));
    }
    co_await site.until([&] { return live() == wanted(); }, 60, "every placement");
    io::TaskGroup readers(site.world().executor.front(0));
    readers.spawn(read());
    site.silence(nodes / 2);
    co_await site.until([&] { return live() < wanted(); }, 30, "the loss");
    const double begin = now();
    co_await site.until(
        [&] { return silent_nodes() == nodes / 2 && live() == wanted() && !has_pending(); }, 120,
        "the end of the storm");
    report.seconds = now() - begin;
    is_over = true;
    co_await site.world().clock.sleep(100ms);  // the reader sees it
    report.placed = wanted();
    check_cluster(*site.server().store().snapshot(), wanted());
    report.more = {
        {"reads", static_cast<double>(report.steps.size())},
        {"slowest_read_ms", report.steps.quantile(1) * 1e3},
        {"evaluations", static_cast<double>(site.server().store().snapshot()->evals.size())}};
  }
};

}  // namespace

void run_storm(const Options& options) {
  const Folder folder;
  Site site(folder.path(), heartbeat);
  Story story{site,
              options.nodes.value_or(1'000),
              options.jobs.value_or(100),
              options.count.value_or(50),
              {}};
  story.report.name = "storm";
  story.report.nodes = story.nodes;
  story.report.jobs = story.jobs;
  story.report.count = story.count;
  site.run(story.tell());
  print(story.report, options);
}

}  // namespace caravan::bench
