// SPDX-License-Identifier: Apache-2.0
// Three servers, and the disk of the one that leads begins to hang: how long writes are felt to
// wait, what operators are told, and who leads meanwhile.
#include <deque>

#include <gtest/gtest.h>

#include "agent/server_part.hpp"
#include "sim/machine.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration write_every = 50ms;
constexpr base::Duration gap_max = 5s;  // of acknowledged writes

class SlowDisk : public testing::TestWithParam<std::uint64_t> {
 protected:
  SlowDisk() : world_(GetParam()), writers_(world_.executor()) {
    std::vector<io::Address> all;
    for (int i = 1; i <= 3; ++i)
      all.push_back({fmt::format("10.0.0.{}", i), 4647, false});
    for (std::size_t i = 0; i < 3; ++i) {
      ServerSettings settings{all, 3};
      settings.others.erase(settings.others.begin() + static_cast<std::ptrdiff_t>(i));
      servers_.emplace_back(world_, fmt::format("server-{}", i + 1), std::move(settings)).boot();
    }
    writers_.spawn(write());
    if (!world_.run_until([this] { return writes_ > 10; }, 60s))
      throw std::logic_error("nobody leads");
  }

  ~SlowDisk() override {
    world_.run(writers_.stop());
    for (ServerMachine& server : servers_)
      server.crash(true);
  }

  ServerMachine* leader() {
    for (ServerMachine& server : servers_)
      if (server.leads()) return &server;
    return nullptr;
  }

  io::Task<void> write() {
    for (int number = 0;; ++number) {
      co_await sleep(write_every);
      if (ServerMachine* first = leader())
        first->ask([this, number](server::Server& server) -> io::Task<void> {
          server::VariableWrite write;
          write.key = {"default", fmt::format("v{}", number % 10)};
          write.items.emplace()["n"] = std::to_string(number);
          const auto written = co_await server.variables().put(std::move(write));
          if (!written || written->is_conflict) co_return;
          ++writes_;
          longest_gap_ = std::max(longest_gap_, world_.now() - last_write_);
          last_write_ = world_.now();
        });
    }
  }

  io::Task<void> sleep(base::Duration time) {
    io::Event woken(world_.executor());
    world_.timeline.after(time, [&] { woken.notify(); });
    co_await woken.wait();
  }

  /// What `operator autopilot health` says of a server.
  bool is_healthy(const ServerMachine& machine) {
    bool healthy = false;
    const auto look = [](cluster::Operations& operations, const std::string& name,
                         bool& healthy) -> io::Task<void> {
      const cluster::Health health = co_await operations.health();
      for (const cluster::ServerHealth& server : health.servers)
        if (server.member.info.name == name) healthy = server.healthy;
    };
    world_.run(look(leader()->part()->operations(), machine.host.name, healthy));
    return healthy;
  }

  void hand_over() {
    const auto ask = [](cluster::Operations& operations) -> io::Task<void> {
      EXPECT_TRUE(co_await operations.transfer("", ""));
    };
    world_.run(ask(leader()->part()->operations()));
  }

  World world_;
  std::deque<ServerMachine> servers_;
  io::TaskGroup writers_;
  int writes_ = 0;
  base::Duration last_write_{0}, longest_gap_{0};
};

TEST_P(SlowDisk, of_a_leader_is_felt_for_seconds_and_told_until_it_is_over) {
  ServerMachine* const sick = leader();
  world_.run_for(5s);
  ASSERT_TRUE(is_healthy(*sick));
  longest_gap_ = base::Duration(0);
  DiskImage& disk = sick->host.disk;
  disk.knobs.sync_min = disk.knobs.sync_max = 3s;
  const auto moved = [&] { return leader() != nullptr && leader() != sick; };
  ASSERT_TRUE(world_.run_until(moved, gap_max)) << world_.describe();
  world_.run_for(10s);
  RecordProperty("gap_ms", static_cast<int>(longest_gap_.count() / 1'000'000));
  EXPECT_LT(longest_gap_, gap_max);
  ASSERT_TRUE(moved());
  EXPECT_FALSE(is_healthy(*sick));
  EXPECT_NE(world_.log.tail(10'000).find("raft log disk slow"), std::string::npos);

  // Who leads now hands over in peace, as one that is stopped does: the third takes it.
  ServerMachine* const second = leader();
  hand_over();
  const auto third_leads = [&] { return moved() && leader() != second; };
  EXPECT_TRUE(world_.run_until(third_leads, 2s)) << world_.describe();
  disk.knobs = world_.knobs;
  const int before = writes_;
  world_.run_for(50s);
  EXPECT_GT(writes_, before + 500);
  ASSERT_NE(leader(), nullptr);
  EXPECT_TRUE(is_healthy(*sick)) << "it has been fast for long enough";
}

INSTANTIATE_TEST_SUITE_P(Seeds, SlowDisk, testing::Range<std::uint64_t>(1, 11));

}  // namespace
}  // namespace caravan::sim
