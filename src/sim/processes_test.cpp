// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "sim/world.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

/// A supervisor in miniature: answers one connection after another with its pid.
io::Task<int> supervisor(Process& process) {
  const auto listener =
      co_await process.world().network.listen(io::Address::unix_socket(process.program.argv[1]));
  for (;;) {
    const auto stream = co_await (*listener)->accept();
    const std::string answer = std::to_string(process.id.pid);
    (void)co_await (*stream)->write(answer);
  }
}

io::Task<int> shout(Process& process) {
  process.out = base::to_upper(process.input);
  co_await process.world().clock.sleep(1s);
  co_return 3;
}

io::Task<std::string> read_socket(io::World& io, std::string path) {
  const auto stream = co_await io.network.connect(io::Address::unix_socket(path), 1s);
  if (!stream) co_return stream.error().message;
  std::array<char, 100> buffer;
  const auto count = co_await (*stream)->read_some(buffer);
  if (!count) co_return count.error().message;
  co_return std::string(buffer.data(), *count);
}

TEST(Processes, outlive_the_agent_that_started_them) {
  World world(1);
  world.programs["/bin/supervisor"] = supervisor;
  Host& host = world.add_host("a");
  io::ProcessId id;
  host.boot([&](Host&, io::World& io) -> io::Task<void> {
    id = *io.processes.spawn_detached({{"/bin/supervisor", "/run/s"}, {}, "/"});
    co_await io.clock.sleep(1h);
  });
  world.run_for(1s);
  host.kill();
  std::string answer;
  bool alive = false;
  host.boot([&](Host&, io::World& io) -> io::Task<void> {
    alive = io.processes.is_alive(id);
    answer = co_await read_socket(io, "/run/s");
    (void)io.processes.signal(id, SIGTERM);
    co_await io.clock.sleep(1s);
    answer += io.processes.is_alive(id) ? " lives" : " ended";
  });
  world.run_for(10s);
  EXPECT_TRUE(alive);
  EXPECT_EQ(answer, std::to_string(id.pid) + " ended");
}

TEST(Processes, end_when_the_machine_does) {
  World world(1);
  world.programs["/bin/supervisor"] = supervisor;
  Host& host = world.add_host("a");
  const auto started = host.processes.start({{"/bin/supervisor", "/run/s"}, {}, "/"}, "");
  world.run_for(1s);
  EXPECT_EQ(host.processes.running(), 1u);
  host.power_off();
  EXPECT_EQ(host.processes.running(), 0u);
}

TEST(Processes, run_returns_what_a_helper_wrote_or_kills_it_when_late) {
  World world(1);
  world.programs["/bin/shout"] = shout;
  base::Result<io::Finished> done, late, none;
  world.add_host("a").boot([&](Host&, io::World& io) -> io::Task<void> {
    const io::Program program{{"/bin/shout"}, {}, "/"}, missing{{"/bin/none"}, {}, "/"};
    done = co_await io.processes.run(program, "hello", 2s, 4);
    late = co_await io.processes.run(program, "hello", 10ms, 4);
    none = co_await io.processes.run(missing, "", 1s, 4);
  });
  world.run_for(10s);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->out, "HELL");
  EXPECT_EQ(late.error().code, base::Code::timeout);
  EXPECT_EQ(none.error().message, "/bin/none: no such file or directory");
}

TEST(Processes, a_pid_that_came_back_is_somebody_else) {
  World world(1);
  world.programs["/bin/shout"] = shout;
  Host& host = world.add_host("a");
  const auto first = *host.processes.start({{"/bin/shout"}, {}, "/"}, "");
  const io::ProcessId old = first->id;
  bool reused = false;
  for (int i = 0; i < 100; ++i) {
    world.run_for(2s);
    const auto next = *host.processes.start({{"/bin/shout"}, {}, "/"}, "");
    reused = reused || next->id.pid == old.pid;
    EXPECT_EQ(host.processes.find(old), nullptr);
  }
  EXPECT_TRUE(reused);
}

}  // namespace
}  // namespace caravan::sim
