// SPDX-License-Identifier: Apache-2.0
// A million allocations on one machine: jobs are submitted to a real server, scheduled, committed
// to a synced log, and given to simulated nodes. It ends when every node has been given what is
// its.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/report.hpp"
#include "bench/site.hpp"

namespace caravan::bench {
namespace {

struct Story {
  Site& site;
  const Options& options;
  int nodes, jobs, count;
  Report report;

  io::Task<void> submit(int number) {
    const double begin = now();
    co_await site.submit(small_job(number, count));
    report.steps.add(now() - begin);
  }

  io::Task<void> tell() {
    Dice dice(1);
    co_await site.add_nodes(nodes, dice);
    const long wanted = static_cast<long>(jobs) * count;
    state::Store& store = site.server().store();
    const double begin = now();
    for (int n = 0; n < jobs; ++n)
      co_await submit(n);
    const double submitted = now() - begin;
    co_await site.until(
        [&] { return static_cast<long>(store.snapshot()->allocs.size()) >= wanted; }, 600,
        "every placement");
    const double placed = now() - begin;
    co_await site.until([&] { return site.delivered() >= wanted; }, 600, "every delivery");
    report.seconds = now() - begin;
    report.placed = wanted;
    check_cluster(*store.snapshot(), wanted);
    report.more = {{"submitted_seconds", submitted},
                   {"committed_seconds", placed},
                   {"data_bytes_per_alloc",
                    static_cast<double>(site.log_bytes()) / static_cast<double>(wanted)}};
  }
};

}  // namespace

void run_c1m(const Options& options) {
  const Folder folder;
  Site site(folder.path());
  Story story{site,
              options,
              options.nodes.value_or(10'000),
              options.jobs.value_or(1'000),
              options.count.value_or(1'000),
              {}};
  story.report.name = "c1m";
  story.report.nodes = story.nodes;
  story.report.jobs = story.jobs;
  story.report.count = story.count;
  site.run(story.tell());
  print(story.report, options);
}

}  // namespace caravan::bench
