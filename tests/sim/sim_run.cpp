// SPDX-License-Identifier: Apache-2.0
// Replays seeds of the simulated agent, or of several machines:
//   sim_run [--machines] --seed N [--count M] [--echo]
// With --echo the log goes to stderr as it is written.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "sim/cluster.hpp"
#include "sim/machines.hpp"

namespace {

void run_one(std::uint64_t seed) {
  const caravan::sim::ClusterOutcome o = caravan::sim::run_seed(seed);
  fmt::print("seed {} trace {:016x} {} commands {} tasks {} crashes {} power cuts {} s: {}\n", seed,
             o.trace, o.commands, o.tasks, o.crashes, o.power_cuts, o.ended.count() / 1'000'000'000,
             o.knobs);
}

void run_several(std::uint64_t seed, bool echo) {
  const caravan::sim::MachinesOutcome o = caravan::sim::run_machines(seed, echo);
  fmt::print("seed {} trace {:016x} {} commands {} tasks {} terms {} faults {} s: {}\n", seed,
             o.trace, o.commands, o.tasks, o.terms, o.faults, o.ended.count() / 1'000'000'000,
             o.shape);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 0, count = 1, failed = 0;
  bool given = false, machines = false, echo = false;
  for (int i = 1; i < argc; ++i) {
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (std::strcmp(argv[i], "--machines") == 0)
      machines = true;
    else if (std::strcmp(argv[i], "--echo") == 0)
      echo = true;
    else if (std::strcmp(argv[i], "--seed") == 0)
      seed = std::strtoull(value, nullptr, 10), given = true, ++i;
    else if (std::strcmp(argv[i], "--count") == 0)
      count = std::strtoull(value, nullptr, 10), ++i;
  }
  if (!given)
    return std::fprintf(stderr, "usage: sim_run [--machines] --seed N [--count M] [--echo]\n"), 2;
  for (std::uint64_t each = seed; each < seed + count; ++each) {
    try {
      machines ? run_several(each, echo) : run_one(each);
    } catch (const std::exception& e) {
      ++failed;
      fmt::print(stderr, "seed {} failed: {}\n", each, e.what());
    }
    std::fflush(stdout);
  }
  if (count > 1) fmt::print("{} seeds, {} failed\n", count, failed);
  return failed == 0 ? 0 : 1;
}
