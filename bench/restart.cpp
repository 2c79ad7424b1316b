// SPDX-License-Identifier: Apache-2.0
// A server with many allocations is started again: from its snapshot and log to leading.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/report.hpp"
#include "bench/site.hpp"

namespace caravan::bench {
namespace {

io::Task<void> fill(Site& site, int nodes, int jobs, int count) {
  Dice dice(1);
  co_await site.add_nodes(nodes, dice);
  for (int n = 0; n < jobs; ++n)
    co_await site.submit(small_job(n, count));
  const long wanted = static_cast<long>(jobs) * count;
  co_await site.until([&] { return site.placed() >= wanted; }, 1'200, "every placement");
}

io::Task<void> look(Site& site, long wanted) {
  if (site.placed() != wanted) wrong(fmt::format("{} allocations came back", site.placed()));
  co_return;
}

}  // namespace

void run_restart(const Options& options) {
  Report report{.name = "restart",
                .nodes = options.nodes.value_or(2'000),
                .jobs = options.jobs.value_or(200),
                .count = options.count.value_or(1'000)};
  report.placed = static_cast<long>(report.jobs) * report.count;
  const Folder folder;
  {
    Site site(folder.path());
    site.run(fill(site, report.nodes, report.jobs, report.count));
  }
  {
    Site site(folder.path());
    site.run(look(site, report.placed));
    report.seconds = site.seconds_to_lead();
  }
  print(report, options);
}

}  // namespace caravan::bench
