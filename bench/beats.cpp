// SPDX-License-Identifier: Apache-2.0
// Nodes that do nothing but say that they are there, as often as by default: what that costs, and
// that it leaves no trace in the log.
#include <sys/resource.h>

#include "bench/cases.hpp"
#include "bench/report.hpp"
#include "bench/site.hpp"

namespace caravan::bench {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration measured = 20s;

/// Seconds that all threads of the process have had a core.
double process_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Story {
  Site& site;
  Report report;

  io::Task<void> tell() {
    Dice dice(1);
    co_await site.add_nodes(report.nodes, dice);
    co_await site.world().clock.sleep(2s);  // until the registrations are over
    const std::uint64_t index = site.server().store().snapshot()->index;
    const double begin = now(), cpu = process_cpu();
    co_await site.world().clock.sleep(measured);
    report.seconds = now() - begin;
    const state::Snapshot tables = site.server().store().snapshot();
    tables->nodes.each([](const base::NodeId&, const state::Ref<model::Node>& node) {
      if (!node->is_ready()) wrong("a node that beats is taken for lost");
    });
    const server::HeartbeatConfig often;
    report.more = {
        {"cores", (process_cpu() - cpu) / report.seconds},
        {"beats_per_second", report.nodes / (static_cast<double>(often.ttl.count()) / 1e9 / 3)},
        {"log_entries", static_cast<double>(tables->index - index)}};
  }
};

}  // namespace

void run_beats(const Options& options) {
  const Folder folder;
  Site site(folder.path(), server::HeartbeatConfig());
  Story story{site, {}};
  story.report.name = "beats";
  story.report.nodes = options.nodes.value_or(10'000);
  site.run(story.tell());
  print(story.report, options);
}

}  // namespace caravan::bench
