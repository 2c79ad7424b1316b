// SPDX-License-Identifier: Apache-2.0
// Jobs registered with a real server and its synced log, by one client and by many at once. The
// clients are in the process: what is measured is validation, the log and the state, not HTTP.
#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/report.hpp"
#include "bench/site.hpp"

namespace caravan::bench {
namespace {

struct Registration {
  Site& site;
  Report& report;
  int next = 0, running = 0;

  io::Task<void> client() {
    ++running;
    while (next < report.jobs) {
      server::JobRequest request;
      request.job = make_job(fmt::format("{}-{}", report.count, next++), 1);
      const double begin = now();
      server::Jobs& jobs = site.server().jobs();
      const base::Result<server::JobReply> reply = co_await jobs.submit(std::move(request));
      if (!reply) wrong("a job is refused: " + reply.error().message);
      report.steps.add(now() - begin);
    }
    --running;
  }

  io::Task<void> measure() {
    const double begin = now();
    io::TaskGroup clients(site.world().executor.lane(io::Lane::main));
    for (int n = 0; n < report.count; ++n)
      clients.spawn(client());
    co_await clients.drain();
    report.seconds = now() - begin;
    report.placed = next;
  }
};

}  // namespace

void run_register(const Options& options) {
  for (const int clients : {1, options.count.value_or(64)}) {
    const Folder folder;
    Site site(folder.path());
    Report report{.name = fmt::format("register/{}-clients", clients),
                  .jobs = options.jobs.value_or(20'000),
                  .count = clients};
    Registration registration{site, report};
    site.run(registration.measure());
    if (report.placed != report.jobs) wrong("not every job was registered");
    print(report, options);
  }
}

}  // namespace caravan::bench
