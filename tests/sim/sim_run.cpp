// SPDX-License-Identifier: Apache-2.0
// Replays seeds of the simulated cluster: sim_run --seed N [--count M]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "sim/cluster.hpp"

int main(int argc, char** argv) {
  std::uint64_t seed = 0, count = 1, failed = 0;
  bool given = false;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seed") == 0)
      seed = value, given = true;
    else if (std::strcmp(argv[i], "--count") == 0)
      count = value;
  }
  if (!given) return std::fprintf(stderr, "usage: sim_run --seed N [--count M]\n"), 2;
  for (std::uint64_t each = seed; each < seed + count; ++each) {
    try {
      const caravan::sim::ClusterOutcome o = caravan::sim::run_seed(each);
      fmt::print("seed {} trace {:016x} {} commands {} tasks {} crashes {} power cuts {} s: {}\n",
                 each, o.trace, o.commands, o.tasks, o.crashes, o.power_cuts,
                 o.ended.count() / 1'000'000'000, o.knobs);
    } catch (const std::exception& e) {
      ++failed;
      fmt::print(stderr, "seed {} failed: {}\n", each, e.what());
    }
    std::fflush(stdout);
  }
  if (count > 1) fmt::print("{} seeds, {} failed\n", count, failed);
  return failed == 0 ? 0 : 1;
}
