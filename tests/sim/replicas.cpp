// SPDX-License-Identifier: Apache-2.0
// As many seeds as one has time for.
//   consensus_soak FIRST_SEED COUNT [voters | replicas]
// Prints each seed that fails, with its knobs; the same command with that seed replays it.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "consensus/test/replica_cluster.hpp"
#include "consensus/test/voter_cluster.hpp"

namespace caravan::consensus::test {
namespace {
using namespace std::chrono_literals;

std::size_t run_voters(std::uint64_t seed) {
  VoterCluster cluster(seed, seed % 4 == 0 ? 5 : 3);
  cluster.run_with_faults(20'000);
  cluster.heal_and_agree();
  return cluster.acknowledged();
}

std::size_t run_replicas(std::uint64_t seed) {
  sim::SimRandom knobs(seed);
  ClusterOptions options;
  options.servers = seed % 4 == 0 ? 5 : 3;
  options.knobs = sim::Knobs::draw(knobs);
  options.propose_every = 20ms;
  ReplicaCluster cluster(seed, options);
  try {
    for (int round = 0; round < 15; ++round) {
      cluster.world.run_for(cluster.world.random.between(base::Duration(50ms), base::Duration(4s)));
      cluster.damage();
    }
    cluster.settle();
  } catch (const std::exception& e) {
    throw std::runtime_error(std::string(e.what()) + "\n" + cluster.world.log.tail(40));
  }
  return cluster.acknowledged.size();
}

}  // namespace
}  // namespace caravan::consensus::test

int main(int argc, char** argv) {
  using namespace caravan::consensus::test;
  if (argc < 3) return std::fprintf(stderr, "usage: consensus_soak FIRST_SEED COUNT [voters]\n"), 2;
  const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  const bool voters = argc > 3 && std::strcmp(argv[3], "voters") == 0;
  std::uint64_t failed = 0, acknowledged = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    try {
      acknowledged += voters ? run_voters(seed) : run_replicas(seed);
    } catch (const std::exception& e) {
      ++failed;
      fmt::print(stderr, "seed {} failed: {}\n", seed, e.what());
    }
  }
  fmt::print("{} seeds, {} acknowledged, {} failed\n", count, acknowledged, failed);
  return failed == 0 ? 0 : 1;
}
