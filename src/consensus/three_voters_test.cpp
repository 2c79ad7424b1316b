// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "consensus/test/voter_cluster.hpp"

namespace caravan::consensus {
namespace {

constexpr std::uint64_t seeds = 100;
constexpr int virtual_ms = 20'000;

TEST(ThreeVoters, keep_rafts_promises_under_faults) {
  std::size_t acknowledged = 0, elections = 0, installed = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    test::VoterCluster cluster(seed, 3);
    cluster.run_with_faults(virtual_ms);
    cluster.heal_and_agree();
    acknowledged += cluster.acknowledged();
    elections += cluster.elections();
    installed += cluster.installed();
  }
  // A run in which nothing happens proves nothing.
  EXPECT_GT(acknowledged, seeds * 100);
  EXPECT_GT(elections, seeds * 2);
  EXPECT_GT(installed, seeds / 10);
  RecordProperty("acknowledged", std::to_string(acknowledged));
  RecordProperty("elections", std::to_string(elections));
  RecordProperty("installed", std::to_string(installed));
}

TEST(ThreeVoters, replay_exactly_from_the_seed) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::uint64_t traces[2];
    for (std::uint64_t& trace : traces) {
      test::VoterCluster cluster(seed, 3);
      cluster.run_with_faults(virtual_ms);
      cluster.heal_and_agree();
      trace = cluster.trace();
    }
    EXPECT_EQ(traces[0], traces[1]) << "seed " << seed;
  }
}

TEST(FiveVoters, keep_rafts_promises_under_faults) {
  for (std::uint64_t seed = 1; seed <= seeds / 5; ++seed) {
    test::VoterCluster cluster(seed, 5);
    cluster.run_with_faults(virtual_ms);
    cluster.heal_and_agree();
  }
}

TEST(OneVoter, leads_alone) {
  for (std::uint64_t seed = 1; seed <= seeds / 5; ++seed) {
    test::VoterCluster cluster(seed, 1);
    cluster.run_with_faults(virtual_ms);
    cluster.heal_and_agree();
    EXPECT_GT(cluster.acknowledged(), 10u);
  }
}

}  // namespace
}  // namespace caravan::consensus
