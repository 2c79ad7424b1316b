// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/world.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

/// Sends back what it reads, one connection at a time.
io::Task<void> echo(io::World& io, io::Address address) {
  const auto listener = co_await io.network.listen(address);
  for (;;) {
    auto stream = co_await (*listener)->accept();
    std::array<char, 1000> buffer;
    for (;;) {
      const auto count = co_await (*stream)->read_some(buffer);
      if (!count || *count == 0) break;
      const std::string_view bytes(buffer.data(), *count);
      (void)co_await (*stream)->write(bytes);
    }
  }
}

io::Task<std::string> ask(io::World& io, io::Address address, std::string text) {
  const auto stream = co_await io.network.connect(address, 5s);
  if (!stream) co_return stream.error().message;
  const auto written = co_await (*stream)->write(text);
  if (!written) co_return written.error().message;
  std::string answer;
  std::array<char, 1000> buffer;
  while (answer.size() < text.size()) {
    const auto count = co_await (*stream)->read_some(buffer);
    if (!count) co_return count.error().message;
    answer.append(buffer.data(), *count);
  }
  co_return answer;
}

struct Pair {
  explicit Pair(std::uint64_t seed, Knobs knobs = {}) : world(seed, knobs) {
    world.add_host("client");
    world.add_host("server").boot(
        [](Host&, io::World& io) -> io::Task<void> { co_await echo(io, {"0.0.0.0", 80}); });
  }
  void ask(std::string text, io::Address address = {"10.0.0.2", 80}) {
    world.host("client").boot([=, this](Host&, io::World& io) -> io::Task<void> {
      answer = co_await sim::ask(io, address, text);
    });
  }
  World world;
  std::string answer;
};

TEST(Network, carries_bytes_in_order_whatever_the_latency) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Pair pair(seed);
    pair.world.fabric.knobs.stall = 300;
    std::string text(500'000, ' ');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
    pair.ask(text);
    pair.world.run_for(10min);
    EXPECT_EQ(pair.answer, text) << pair.world.describe();
  }
}

TEST(Network, a_short_cut_delays_and_a_long_one_breaks) {
  Pair pair(1);
  pair.ask("hello");
  pair.world.fabric.cut("10.0.0.2", "10.0.0.1");
  pair.world.run_for(3s);
  EXPECT_EQ(pair.answer, "");
  pair.world.fabric.heal();
  pair.world.run_for(1s);
  EXPECT_EQ(pair.answer, "hello");

  pair.answer = "";
  pair.ask("again");
  pair.world.fabric.isolate("10.0.0.2");
  pair.world.run_for(6s);
  EXPECT_EQ(pair.answer, "10.0.0.2:80: connection timed out");
}

TEST(Network, the_peer_of_a_killed_agent_hears_of_it_and_of_a_dead_machine_does_not) {
  for (const bool power : {false, true}) {
    Pair pair(1);
    pair.world.host("server").kill();
    pair.world.host("server").boot([](Host&, io::World& io) -> io::Task<void> {
      const auto listener = co_await io.network.listen({"0.0.0.0", 80});
      const auto stream = co_await (*listener)->accept();
      co_await io.clock.sleep(1h);
    });
    pair.ask("hello");
    pair.world.run_for(1s);
    if (power) pair.world.host("server").power_off();
    else pair.world.host("server").kill();
    pair.world.run_for(10s);
    EXPECT_EQ(pair.answer, power ? "" : "10.0.0.2:80: connection reset by peer");
  }
}

TEST(Network, who_writes_to_a_closed_end_hears_of_it) {
  Pair pair(1);
  pair.world.host("server").kill();
  pair.world.host("server").boot([](Host&, io::World& io) -> io::Task<void> {
    const auto listener = co_await io.network.listen({"0.0.0.0", 80});
    (void)co_await (*listener)->accept();  // and hangs up at once
    co_await io.clock.sleep(1h);
  });
  pair.world.host("client").boot([&](Host&, io::World& io) -> io::Task<void> {
    const auto stream = co_await io.network.connect({"10.0.0.2", 80}, 5s);
    base::Status written;
    while (written) {
      written = co_await (*stream)->write("it never reads");
      co_await io.clock.sleep(100ms);
    }
    pair.answer = written.error().message;
  });
  pair.world.run_for(10s);
  EXPECT_EQ(pair.answer, "10.0.0.2:80: connection reset by peer");
}

TEST(Network, unix_sockets_belong_to_their_host) {
  Pair pair(1);
  const io::Address socket = io::Address::unix_socket("/run/a.sock");
  pair.ask("hello", socket);
  pair.world.run_for(10s);
  EXPECT_EQ(pair.answer, "unix:/run/a.sock: connection refused");
  pair.world.host("client").boot([&](Host& host, io::World& io) -> io::Task<void> {
    host.life().tasks.spawn(echo(io, socket));
    co_await io.clock.sleep(1s);
    pair.answer = co_await ask(io, socket, "hello");
  });
  pair.world.run_for(10s);
  EXPECT_EQ(pair.answer, "hello");
}

}  // namespace
}  // namespace caravan::sim
