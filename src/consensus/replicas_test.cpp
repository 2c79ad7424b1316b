// SPDX-License-Identifier: Apache-2.0
// Three servers in a bad world.
#include <gtest/gtest.h>

#include "consensus/test/replica_cluster.hpp"

namespace caravan::consensus {
namespace {
using namespace std::chrono_literals;
using test::ClusterOptions;
using test::ReplicaCluster;

TEST(ThreeServers, lose_nothing_and_agree_in_a_bad_world) {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    sim::SimRandom knobs(seed);
    ClusterOptions options;
    options.knobs = sim::Knobs::draw(knobs);
    options.propose_every = 20ms;
    ReplicaCluster cluster(seed, options);
    for (int round = 0; round < 12; ++round) {
      cluster.world.run_for(cluster.world.random.between(base::Duration(50ms), base::Duration(4s)));
      cluster.damage();
    }
    ASSERT_NO_THROW(cluster.settle()) << cluster.world.describe() << "\n"
                                      << cluster.world.log.tail(30);
    acknowledged += cluster.acknowledged.size();
  }
  EXPECT_GT(acknowledged, 8'000u);
  RecordProperty("acknowledged", std::to_string(acknowledged));
}

// A server was writing a snapshot of its own when a newer one came from the leader; the older one
// took the newer one's place in the engine, and when the server led it brought nobody to its log.
TEST(FiveServers, are_brought_to_the_log_by_the_newest_snapshot) {
  constexpr std::uint64_t seed = 1795317311308;
  sim::SimRandom knobs(seed);
  ClusterOptions options;
  options.servers = 5;
  options.knobs = sim::Knobs::draw(knobs);
  options.propose_every = 20ms;
  ReplicaCluster cluster(seed, options);
  for (int round = 0; round < 15; ++round) {
    cluster.world.run_for(cluster.world.random.between(base::Duration(50ms), base::Duration(4s)));
    cluster.damage();
  }
  ASSERT_NO_THROW(cluster.settle()) << cluster.world.describe();
}

TEST(ThreeServers, replay_exactly_from_the_seed) {
  std::uint64_t traces[2];
  for (std::uint64_t& trace : traces) {
    ReplicaCluster cluster(11, {});
    for (int round = 0; round < 5; ++round) {
      cluster.world.run_for(1s);
      cluster.damage();
    }
    cluster.settle();
    trace = cluster.world.trace();
  }
  EXPECT_EQ(traces[0], traces[1]);
}

TEST(ThreeServers, have_a_new_leader_soon_after_one_is_gone) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ReplicaCluster cluster(seed, {});
    ASSERT_TRUE(cluster.run_until_leader(5s)) << cluster.world.describe();
    cluster.world.run_for(1s);
    cluster.leader()->host->power_off();
    EXPECT_TRUE(cluster.run_until_leader(3s)) << cluster.world.describe();
    cluster.settle();
  }
}

TEST(ThreeServers, hold_no_election_because_their_disks_are_slow) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    ClusterOptions options;
    options.knobs.sdcard();
    options.propose_every = 20ms;
    options.snapshot_entries = 1000;
    ReplicaCluster cluster(seed, options);
    ASSERT_TRUE(cluster.run_until_leader(10s)) << cluster.world.describe();
    const Term term = cluster.leader()->replica->term();
    cluster.world.run_for(60s);
    ASSERT_NE(cluster.leader(), nullptr);
    EXPECT_EQ(cluster.leader()->replica->term(), term) << cluster.world.describe();
    EXPECT_GT(cluster.acknowledged.size(), 2'000u);
  }
}

TEST(ThreeServers, bring_one_that_was_away_for_long_a_snapshot) {
  ReplicaCluster cluster(1, {});
  ASSERT_TRUE(cluster.run_until_leader(5s));
  ServerId away = 1;
  while (cluster.leader() == &cluster.servers[away - 1])
    ++away;
  cluster.servers[away - 1].host->power_off();
  cluster.world.run_for(20s);
  cluster.boot(away);
  cluster.settle();
  EXPECT_NE(cluster.world.log.tail(100).find("took the leader's snapshot"), std::string::npos);
}

/// Reads on every server that may, all the time, and compares with what had been acknowledged.
io::Task<void> read_forever(ReplicaCluster& cluster, ServerId id, io::World& io, int& reads,
                            int& leased) {
  for (;;) {
    co_await io.clock.sleep(3ms);
    const std::size_t must_see = cluster.acknowledged.size();
    auto& server = cluster.servers[id - 1];
    if (server.replica == nullptr) continue;
    leased += server.replica->has_lease();
    const base::Status may = co_await server.replica->read_barrier(1s);
    if (!may) continue;
    ++reads;
    std::size_t seen = server.machine->commands().size();
    EXPECT_GE(seen, must_see) << cluster.world.describe();
  }
}

void read_on_all(ReplicaCluster& cluster, int& reads, int& leased) {
  for (ServerId id = 1; id <= cluster.servers.size(); ++id) {
    sim::Host& host = *cluster.servers[id - 1].host;
    if (!host.running() || cluster.servers[id - 1].replica == nullptr) continue;
    io::World& io = host.outfit().world;
    host.life().tasks.spawn(read_forever(cluster, id, io, reads, leased));
  }
}

TEST(ThreeServers, never_serve_a_stale_read) {
  int reads = 0, leased = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ClusterOptions options;
    sim::SimRandom knobs(seed);
    options.knobs = sim::Knobs::draw(knobs);
    ReplicaCluster cluster(seed, options);
    for (int round = 0; round < 10; ++round) {
      // They end with the agent, and begin again with each round.
      read_on_all(cluster, reads, leased);
      cluster.world.run_for(cluster.world.random.between(base::Duration(50ms), base::Duration(2s)));
      cluster.damage();
    }
    cluster.settle();
  }
  EXPECT_GT(reads, 3'000);
  EXPECT_GT(leased, 1'500);
}

// One server hears nothing and asks for votes all the time; the other, which would refuse, is
// killed and comes back at once, remembering no leader. The leader has a lease all the while.
TEST(ThreeServers, do_not_vote_right_after_the_start) {
  int reads = 0, leased = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ReplicaCluster cluster(seed, {});
    ASSERT_TRUE(cluster.run_until_leader(5s));
    cluster.proposing = false;  // the deaf one must be as good as the others, to be elected
    cluster.world.run_for(1s);
    const ServerId leader = static_cast<ServerId>(cluster.leader() - cluster.servers.data()) + 1;
    const ServerId deaf = leader % 3 + 1, forgetful = deaf % 3 + 1;
    auto& candidate = cluster.servers[deaf - 1];
    cluster.world.fabric.cut_both(cluster.servers[leader - 1].host->ip, candidate.host->ip);
    cluster.world.run_for(cluster.world.random.between(base::Duration(1s), base::Duration(2s)));
    read_on_all(cluster, reads, leased);
    cluster.servers[forgetful - 1].host->kill();
    cluster.boot(forgetful);
    cluster.world.run_until([&] { return candidate.replica->is_leader(); }, 1s);
    cluster.proposing = true;
    cluster.world.run_for(500ms);
    cluster.settle();
  }
  EXPECT_GT(leased, 100);
}

TEST(ThreeServers, hand_over_leadership_when_asked) {
  ReplicaCluster cluster(1, {});
  ASSERT_TRUE(cluster.run_until_leader(5s));
  cluster.world.run_for(1s);
  auto* const old = cluster.leader();
  const ServerId heir = old == &cluster.servers[0] ? 2 : 1;
  EXPECT_TRUE(old->replica->has_lease());
  ASSERT_TRUE(old->replica->transfer_leadership(heir).has_value());
  EXPECT_FALSE(old->replica->has_lease());
  cluster.world.run_for(1s);
  ASSERT_NE(cluster.leader(), nullptr);
  EXPECT_EQ(cluster.leader(), &cluster.servers[heir - 1]);
  cluster.settle();
}

// The order to take over arrives when the leader has given up waiting for it, and the leader hears
// nobody from then on: the voters obey the order whatever lease it has.
TEST(ThreeServers, have_no_lease_after_a_transfer_that_came_to_nothing) {
  int reads = 0, leased = 0, moved = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    ReplicaCluster cluster(seed, {});
    ASSERT_TRUE(cluster.run_until_leader(5s));
    cluster.world.run_for(1s);
    cluster.proposing = false;  // the heir must be as good as the others, to be elected
    cluster.world.run_for(500ms);
    auto& old = *cluster.leader();
    const ServerId leader = static_cast<ServerId>(&old - cluster.servers.data()) + 1;
    const ServerId heir = leader % 3 + 1, third = heir % 3 + 1;
    const auto ip = [&](ServerId id) { return cluster.servers[id - 1].host->ip; };
    sim::Fabric& fabric = cluster.world.fabric;
    fabric.cut(ip(leader), ip(heir));
    ASSERT_TRUE(old.replica->transfer_leadership(heir));
    // Longer than the leader waits for its heir; the heir is not to lose patience, as most do not.
    cluster.world.run_for(580ms);
    read_on_all(cluster, reads, leased);
    fabric.heal();
    fabric.cut(ip(heir), ip(leader));
    fabric.cut(ip(third), ip(leader));
    moved += cluster.world.run_until([&] { return cluster.servers[heir - 1].replica->is_leader(); },
                                     300ms);
    cluster.proposing = true;
    cluster.world.run_for(500ms);
    cluster.settle();
  }
  EXPECT_GT(reads, 250);
  EXPECT_GT(moved, 4) << "else nothing was tried";
}

TEST(ThreeServers, move_leadership_away_from_a_disk_that_hangs_or_is_full) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    ReplicaCluster cluster(seed, {});
    ASSERT_TRUE(cluster.run_until_leader(5s));
    cluster.world.run_for(1s);
    auto* const sick = cluster.leader();
    sim::DiskImage& disk = sick->host->disk;
    if (seed % 2 == 0)
      disk.knobs.sync_min = disk.knobs.sync_max = 2s;
    else
      disk.capacity = disk.used();
    const bool moved = cluster.world.run_until(
        [&] { return cluster.leader() != nullptr && cluster.leader() != sick; }, 10s);
    EXPECT_TRUE(moved) << cluster.world.describe();
    const std::size_t before = cluster.acknowledged.size();
    cluster.world.run_for(2s);
    EXPECT_GT(cluster.acknowledged.size(), before + 100);
    disk.knobs = cluster.world.knobs;
    disk.capacity = ~0ull;
    cluster.settle();
  }
}

TEST(ThreeServers, send_together_what_came_while_others_were_on_their_way) {
  ClusterOptions options{.snapshot_entries = 1'000'000, .propose_every = 200us};
  options.knobs.latency_min = options.knobs.latency_max = 5ms;
  ReplicaCluster cluster(1, options);
  ASSERT_TRUE(cluster.run_until_leader(5s));
  cluster.world.run_for(2s);
  const auto statistics = cluster.leader()->replica->statistics();
  EXPECT_GT(statistics.proposals, 5'000u);
  EXPECT_GT(statistics.proposals, statistics.batches * 20);
  cluster.settle();
}

TEST(ThreeServers, do_not_ask_one_with_a_slow_disk_to_lead_until_it_is_fast_for_a_while) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    ReplicaCluster cluster(seed, {.propose_every = 100ms});
    ASSERT_TRUE(cluster.run_until_leader(5s));
    cluster.world.run_for(1s);
    auto* const sick = cluster.leader();
    const ServerId id = static_cast<ServerId>(sick - cluster.servers.data()) + 1;
    sim::DiskImage& disk = sick->host->disk;
    EXPECT_FALSE(sick->replica->has_slow_disk());
    disk.knobs.sync_min = disk.knobs.sync_max = 1500ms;
    const auto moved = [&] { return cluster.leader() != nullptr && cluster.leader() != sick; };
    ASSERT_TRUE(cluster.world.run_until(moved, 10s));
    EXPECT_TRUE(sick->replica->has_slow_disk());
    cluster.world.run_for(10s);
    ASSERT_TRUE(moved());
    cluster.proposing = false;  // one that lags behind is not offered it anyway
    cluster.world.run_until(
        [&] { return sick->replica->applied() == cluster.leader()->replica->applied(); }, 60s);
    cluster.world.run_for(4s);
    ASSERT_TRUE(sick->replica->has_slow_disk());
    const Term term = cluster.leader()->replica->term();
    ASSERT_TRUE(cluster.leader()->replica->transfer_leadership(id));
    cluster.world.run_for(3s);
    ASSERT_TRUE(moved());
    EXPECT_EQ(cluster.leader()->replica->term(), term) << "it was offered, and not taken";
    cluster.proposing = true;
    const std::size_t before = cluster.acknowledged.size();
    cluster.world.run_for(3s);
    EXPECT_GT(cluster.acknowledged.size(), before + 20) << "the others go on";
    disk.knobs = cluster.world.knobs;
    cluster.world.run_for(20s);
    EXPECT_TRUE(sick->replica->has_slow_disk()) << "it was fast for a moment only";
    cluster.world.run_for(20s);
    EXPECT_FALSE(sick->replica->has_slow_disk());
    ASSERT_TRUE(cluster.leader()->replica->transfer_leadership(id));
    EXPECT_TRUE(cluster.world.run_until([&] { return cluster.leader() == sick; }, 3s));
    cluster.settle();
  }
}

// Elected before it was known that it had been removed, a leader found out when it had committed
// that itself: it led on, and nothing was ever taken again.
TEST(ThreeServers, are_not_led_by_one_that_they_have_removed) {
  ReplicaCluster cluster(1, {});
  ASSERT_TRUE(cluster.run_until_leader(5s));
  cluster.world.run_for(1s);
  auto* const old = cluster.leader();
  const ServerId id = static_cast<ServerId>(old - cluster.servers.data()) + 1;
  ASSERT_TRUE(old->replica->change_members({{Engine::ChangeKind::remove, id}}).has_value());
  const auto moved = [&] { return cluster.leader() != nullptr && cluster.leader() != old; };
  ASSERT_TRUE(cluster.world.run_until(moved, 5s));
  const std::size_t before = cluster.acknowledged.size();
  cluster.world.run_for(3s);
  EXPECT_GT(cluster.acknowledged.size(), before + 20);
}

TEST(ThreeServers, take_in_a_fourth_and_let_one_go) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    ReplicaCluster cluster(seed, {.servers = 4, .joining = 1});
    ASSERT_TRUE(cluster.run_until_leader(5s));
    cluster.world.run_for(1s);
    using Change = Engine::ChangeKind;
    ASSERT_TRUE(cluster.leader()->replica->change_members({{Change::add_learner, 4}}).has_value());
    cluster.world.run_for(3s);
    EXPECT_GT(cluster.servers[3].replica->applied(), 100u);
    ASSERT_TRUE(cluster.leader()->replica->change_members({{Change::add_voter, 4}}).has_value());
    cluster.world.run_for(1s);
    cluster.settle();
    for (const auto& server : cluster.servers) {
      EXPECT_EQ(server.replica->members().voters.size(), 4u);
      EXPECT_TRUE(server.replica->members().learners.empty());
    }
    const ServerId gone = cluster.leader() == &cluster.servers[0] ? 2 : 1;
    ASSERT_TRUE(cluster.leader()->replica->change_members({{Change::remove, gone}}).has_value());
    cluster.world.run_for(1s);
    cluster.servers[gone - 1].host->power_off();
    const Term term = cluster.leader()->replica->term();
    const std::size_t before = cluster.acknowledged.size();
    cluster.proposing = true;
    cluster.world.run_for(2s);
    EXPECT_GT(cluster.acknowledged.size(), before);
    cluster.boot(gone);  // it does not know, and must not disturb
    cluster.world.run_for(5s);
    ASSERT_NE(cluster.leader(), nullptr);
    EXPECT_EQ(cluster.leader()->replica->term(), term);
  }
}

}  // namespace
}  // namespace caravan::consensus
