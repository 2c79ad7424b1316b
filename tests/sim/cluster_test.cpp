// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <gtest/gtest.h>

#include "sim/cluster.hpp"

namespace caravan::sim {
namespace {

/// The gate says the same twice; fresh seeds are for ./dev soak.
constexpr std::uint64_t first_seed = 20'261'121;
constexpr int seeds_wanted = 30;

std::uint64_t first() {
  const char* given = std::getenv("CARAVAN_SEED");
  return given ? std::strtoull(given, nullptr, 10) : first_seed;
}

TEST(Cluster, KeepsItsPromisesWhateverTheSeedDoesToIt) {
  int ran = 0;
  std::uint64_t commands = 0, tasks = 0;
  for (; ran < seeds_wanted; ++ran) {
    try {
      const ClusterOutcome outcome = run_seed(first() + static_cast<std::uint64_t>(ran));
      commands += outcome.commands;
      tasks += outcome.tasks;
    } catch (const std::exception& e) {
      FAIL() << e.what();
    }
  }
  fmt::print("{} seeds from {}, {} commands, {} tasks\n", ran, first(), commands, tasks);
  EXPECT_GT(tasks, 0u);
}

/// Seeds that once found something.
TEST(Cluster, HoldsWhereItOnceDidNot) {
  for (const std::uint64_t seed : std::initializer_list<std::uint64_t>{
           502'397'352,  // a reason to try a job again got lost
           1225,         // a clock that was set back held an evaluation back
           3155,         // one that was set forwards ended a rollout
           3178,         // and one that was set while the agent was down
           1'795'317'707'068,  // an older server came in while the log's version was raised
       })
    try {
      run_seed(seed);
    } catch (const std::exception& e) {
      FAIL() << e.what();
    }
}

TEST(Cluster, ReplaysASeedExactly) {
  for (std::uint64_t seed = first(); seed < first() + 3; ++seed)
    EXPECT_EQ(run_seed(seed).trace, run_seed(seed).trace) << "./dev sim --seed " << seed;
}

}  // namespace
}  // namespace caravan::sim
