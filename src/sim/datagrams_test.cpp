// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/world.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr int sent = 1000;

/// "sender" sends numbered packets, one a millisecond; "receiver" notes what arrives.
struct Post {
  explicit Post(std::uint64_t seed, Knobs knobs = {}) : world(seed, knobs) {
    world.add_host("receiver").boot([this](Host& host, io::World&) -> io::Task<void> {
      const auto socket = co_await host.outfit().datagrams.bind({"10.0.0.1", 4648, false});
      while (true) {
        const auto packet = co_await (*socket)->receive();
        if (!packet) co_return;
        got.push_back(std::stoi(packet->bytes));
      }
    });
    world.add_host("sender").boot([](Host& host, io::World& io) -> io::Task<void> {
      const auto socket = co_await host.outfit().datagrams.bind({"10.0.0.2", 0, false});
      for (int i = 0; i < sent; ++i) {
        (void)(*socket)->send(std::to_string(i), {"10.0.0.1", 4648, false});
        co_await io.clock.sleep(1ms);
      }
    });
  }
  World world;
  std::vector<int> got;
};

TEST(Datagrams, all_arrive_on_a_calm_network_and_some_overtake_others) {
  Post post(1);
  post.world.run_for(10s);
  EXPECT_EQ(post.got.size(), static_cast<std::size_t>(sent));
  EXPECT_FALSE(std::ranges::is_sorted(post.got));
}

TEST(Datagrams, are_lost_and_repeated_where_connections_stall) {
  Knobs knobs;
  knobs.stall = 100;
  Post post(2, knobs);
  post.world.run_for(10s);
  std::set<int> distinct(post.got.begin(), post.got.end());
  EXPECT_NEAR(static_cast<double>(distinct.size()), 900, 40);
  EXPECT_GT(post.got.size(), distinct.size());
}

TEST(Datagrams, do_not_pass_a_cut_and_wait_for_a_paused_program) {
  Post post(3);
  post.world.fabric.cut("10.0.0.2", "10.0.0.1");
  post.world.run_for(500ms);
  EXPECT_EQ(post.got.size(), 0u);
  post.world.fabric.heal();
  post.world.host("receiver").pause(300ms);
  post.world.run_for(290ms);
  EXPECT_EQ(post.got.size(), 0u);
  post.world.run_for(10ms + 5ms);
  EXPECT_GT(post.got.size(), 250u);
}

}  // namespace
}  // namespace caravan::sim
