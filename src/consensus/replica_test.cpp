// SPDX-License-Identifier: Apache-2.0
#include "consensus/replica.hpp"

#include <gtest/gtest.h>

#include "consensus/test/replica_cluster.hpp"

namespace caravan::consensus {
namespace {
using namespace std::chrono_literals;
using test::ClusterOptions;
using test::ReplicaCluster;

TEST(OneServer, loses_nothing_when_it_is_killed_at_any_moment) {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    ClusterOptions options{.servers = 1};
    sim::SimRandom knobs(seed);
    options.knobs = sim::Knobs::draw(knobs);
    ReplicaCluster cluster(seed, options);
    sim::Host& host = *cluster.servers[0].host;
    for (int round = 0; round < 4; ++round) {
      cluster.world.run_for(cluster.world.random.between(base::Duration(1ms), base::Duration(3s)));
      if (cluster.world.random.chance(500))
        host.kill();
      else
        host.power_off();
      cluster.boot(1);
    }
    cluster.settle();
    acknowledged += cluster.acknowledged.size();
  }
  EXPECT_GT(acknowledged, 4'000u);
}

TEST(OneServer, comes_back_to_the_same_state) {
  ReplicaCluster cluster(3, {.servers = 1});
  cluster.world.run_for(5s);
  cluster.proposing = false;
  cluster.world.run_for(1s);
  const std::uint64_t hash = cluster.servers[0].machine->hash();
  const Index applied = cluster.servers[0].replica->applied();
  EXPECT_GT(cluster.servers[0].replica->snapshot_index(), 0u);
  cluster.servers[0].host->power_off();
  cluster.boot(1);
  cluster.world.run_for(2s);
  EXPECT_EQ(cluster.servers[0].machine->hash(), hash);
  EXPECT_GE(cluster.servers[0].replica->applied(), applied);
}

TEST(OneServer, shares_a_sync_among_those_who_propose_while_one_runs) {
  ClusterOptions options{.servers = 1, .snapshot_entries = 1'000'000};
  options.knobs.sdcard();
  options.propose_every = 1ms;
  ReplicaCluster cluster(1, options);
  cluster.world.run_for(10s);
  const auto statistics = cluster.servers[0].replica->statistics();
  EXPECT_GT(statistics.proposals, 5'000u);
  EXPECT_GT(statistics.proposals, statistics.syncs * 15);
}

TEST(OneServer, uses_the_snapshot_before_when_the_newest_is_damaged) {
  ReplicaCluster cluster(1, {.servers = 1});
  cluster.world.run_for(5s);
  cluster.proposing = false;
  cluster.world.run_for(1s);
  const std::uint64_t hash = cluster.servers[0].machine->hash();
  sim::Host& host = *cluster.servers[0].host;
  host.kill();
  const std::string dir = "/var/lib/caravan/raft/snapshots";
  const auto files = *host.disk.list(dir);
  ASSERT_EQ(files.size(), 2u);
  host.disk.flip_bit(dir + "/" + files[1].name, 100, 3);
  cluster.boot(1);
  cluster.world.run_for(2s);
  ASSERT_NE(cluster.servers[0].machine, nullptr) << cluster.describe();
  EXPECT_EQ(cluster.servers[0].machine->hash(), hash);
  host.kill();
  for (const io::FileInfo& file : *host.disk.list(dir))
    if (file.name.ends_with(".snapshot")) host.disk.flip_bit(dir + "/" + file.name, 100, 3);
  cluster.boot(1);
  cluster.world.run_for(2s);
  ASSERT_FALSE(cluster.servers[0].started.has_value());
  const std::string& why = cluster.servers[0].started.error().message;
  EXPECT_NE(why.find(".snapshot: offset "), std::string::npos) << why;
}

TEST(OneServer, refuses_writes_while_its_disk_is_full_and_goes_on_when_there_is_room) {
  ReplicaCluster cluster(1, {.servers = 1});
  cluster.world.run_for(2s);
  sim::Host& host = *cluster.servers[0].host;
  host.disk.capacity = host.disk.used();
  cluster.world.run_for(20s);
  EXPECT_GT(cluster.errors["raft log disk full"], 100);
  host.disk.capacity = ~0ull;
  const std::size_t before = cluster.acknowledged.size();
  cluster.world.run_for(10s);
  EXPECT_GT(cluster.acknowledged.size(), before + 100);
  cluster.settle();
}

TEST(OneServer, ends_when_its_disk_fails) {
  ReplicaCluster cluster(1, {.servers = 1});
  cluster.world.run_for(2s);
  cluster.servers[0].host->disk.sync_failures = 1000;
  cluster.world.run_for(2s);
  EXPECT_FALSE(cluster.servers[0].host->running());
  cluster.servers[0].host->disk.sync_failures = 0;
  cluster.servers[0].host->power_off();
  cluster.settle();
}

TEST(Proposals, wait_by_priority_and_within_their_budget) {
  ProposalLimits limits;
  limits.waiting_bytes_max = {100, 100, 10};
  ProposalQueues queues(limits);
  EXPECT_TRUE(queues.push(Priority::kv, {"123456", nullptr}).has_value());
  EXPECT_EQ(queues.push(Priority::kv, {"123456", nullptr}).error().code, base::Code::busy);
  for (int i = 0; i < 30; ++i)
    EXPECT_TRUE(queues.push(Priority::control, {"c", nullptr}));
  int before_kv = 0;
  while (queues.pop()->command == "c")
    ++before_kv;
  EXPECT_EQ(before_kv, 4);
}

}  // namespace
}  // namespace caravan::consensus
