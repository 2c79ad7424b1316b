// SPDX-License-Identifier: Apache-2.0
#include "sim/world.hpp"

#include <gtest/gtest.h>

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

io::Task<void> nap(io::World& world, base::Duration duration, std::vector<std::string>& seen,
                   std::string name) {
  co_await world.clock.sleep(duration);
  seen.push_back(name + "@" + base::format_duration(world.clock.uptime() - 1h));
}

TEST(Clock, moves_only_when_everybody_sleeps) {
  World world(1);
  std::vector<std::string> seen;
  world.add_host("a").boot([&](Host& host, io::World& io) -> io::Task<void> {
    host.life().tasks.spawn(nap(io, 2h, seen, "long"));
    host.life().tasks.spawn(nap(io, 5s, seen, "short"));
    co_await host.life().sleep(6h);
  });
  world.run_for(7h);
  EXPECT_EQ(seen, (std::vector<std::string>{"short@5s", "long@2h0m0s"}));
  EXPECT_FALSE(world.host("a").running());
}

io::Task<void> busy(io::World& io, std::uint64_t& draws) {
  for (;;) {
    co_await io.clock.sleep(io.random.jitter(10ms, 3.0));
    draws = mix(draws, io.random.below(1000));
  }
}

TEST(World, replays_exactly_from_the_seed) {
  const auto run = [](std::uint64_t seed) {
    World world(seed);
    std::uint64_t draws = 0;
    for (const char* name : {"a", "b"})
      world.add_host(name).boot(
          [&](Host&, io::World& io) -> io::Task<void> { co_await busy(io, draws); });
    world.run_for(10s);
    return mix(world.trace(), draws);
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

struct Witness {
  explicit Witness(int& unwound) : unwound(unwound) {}
  ~Witness() { ++unwound; }
  int& unwound;
};

TEST(Host, a_killed_agent_is_unwound_and_a_new_one_starts_on_the_same_disk) {
  World world(1);
  Host& host = world.add_host("a");
  int unwound = 0;
  std::string found;
  const AgentMain main = [&](Host&, io::World& io) -> io::Task<void> {
    const Witness witness(unwound);
    const std::string path = "/boots";
    const auto before = io.disk.read_file(path);
    found = before.value_or("");
    const std::string now = found + "x";
    (void)co_await io.disk.replace_file(path, now, 0600);
    co_await io.clock.sleep(1000h);
  };
  for (int boot = 1; boot <= 3; ++boot) {
    host.boot(main);
    world.run_for(1min);
    host.kill();
    EXPECT_FALSE(host.running());
    world.run_for(1s);
    EXPECT_EQ(unwound, boot);
  }
  EXPECT_EQ(found, "xx");
}

TEST(Host, a_dead_agent_changes_nothing) {
  World world(1);
  Host& host = world.add_host("a");
  base::Status late;
  io::World* kept = nullptr;
  host.boot([&](Host&, io::World& io) -> io::Task<void> {
    kept = &io;
    co_await io.clock.sleep(1h);
  });
  world.run_for(1s);
  host.kill();
  late = kept->disk.make_dirs("/late", 0700);
  EXPECT_FALSE(late.has_value());
  EXPECT_FALSE(host.disk.exists("/late"));
}

TEST(Host, a_paused_agent_catches_up_when_it_wakes) {
  World world(1);
  Host& host = world.add_host("a");
  std::vector<std::string> seen;
  host.boot([&](Host&, io::World& io) -> io::Task<void> {
    co_await nap(io, 1s, seen, "first");
    co_await nap(io, 1s, seen, "second");
  });
  world.run_for(500ms);
  host.pause(10s);
  world.run_for(1min);
  EXPECT_EQ(seen, (std::vector<std::string>{"first@10.5s", "second@11.5s"}));
}

}  // namespace
}  // namespace caravan::sim
