// SPDX-License-Identifier: Apache-2.0
// One server on the real disk: how many commands a second it makes durable, and how long each
// takes.
//   consensus_bench FOLDER [SECONDS]
// It is also how the replica meets real threads: run it under TSan.
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>

#include "consensus/replica.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/executor.hpp"
#include "io/linux/log_sink.hpp"
#include "io/linux/network.hpp"
#include "io/linux/processes.hpp"
#include "io/task.hpp"
#include "io/world.hpp"

namespace caravan::consensus {
namespace {

class CountMachine : public StateMachine {
 public:
  base::Status apply(Index, std::string_view command) override {
    sum_ += command.size();
    return {};
  }
  std::function<std::string()> capture() override {
    return [sum = sum_] { return std::to_string(sum); };
  }
  base::Status restore(std::string_view bytes) override {
    sum_ = std::strtoull(std::string(bytes).c_str(), nullptr, 10);
    return {};
  }
  std::uint64_t hash() const override { return sum_; }

 private:
  std::uint64_t sum_ = 0;
};

class NoPeers : public Peers {
 public:
  void send(ServerId, Traffic, std::string) override {}
};

struct Load {
  Replica& replica;
  io::Clock& clock;
  base::Duration until{0};
  std::vector<base::Duration> times;
};

io::Task<void> propose_until(Load& load) {
  constexpr std::size_t command_bytes = 500;  // an allocation's status, say
  while (load.clock.uptime() < load.until) {
    std::string command(command_bytes, 'x');
    const base::Duration begun = load.clock.uptime();
    auto proposed =
        load.replica.propose(std::move(command), Priority::job, std::chrono::seconds(10));
    const base::Result<Index> index = co_await std::move(proposed);
    if (!index) std::fprintf(stderr, "%s\n", index.error().message.c_str());
    load.times.push_back(load.clock.uptime() - begun);
  }
}

io::Task<void> measure(Replica& replica, io::Clock& clock, boost::asio::any_io_executor main,
                       int clients, int seconds) {
  Load load{replica, clock, clock.uptime() + std::chrono::seconds(seconds), {}};
  const Replica::Statistics before = replica.statistics();
  io::TaskGroup group(main);
  for (int i = 0; i < clients; ++i)
    group.spawn(propose_until(load));
  co_await group.drain();
  const Replica::Statistics after = replica.statistics();
  std::sort(load.times.begin(), load.times.end());
  const auto at = [&](double share) {
    const auto place = static_cast<std::size_t>(share * static_cast<double>(load.times.size() - 1));
    return static_cast<long long>(load.times[place].count() / 1000);
  };
  fmt::print("{:4} clients: {:7} commands/s, {:6.1f} commands a sync, p50 {} us, p99 {} us\n",
             clients, load.times.size() / static_cast<std::size_t>(seconds),
             static_cast<double>(load.times.size()) /
                 static_cast<double>(std::max<std::uint64_t>(1, after.syncs - before.syncs)),
             at(0.5), at(0.99));
}

io::Task<void> run(io::World& world, io::linux_world::Executor& executor, std::string dir,
                   int seconds) {
  CountMachine machine;
  NoPeers peers;
  ReplicaConfig config;
  config.id = 1;
  config.data_dir = dir;
  config.voters = {1};
  Replica replica(world, config, machine, peers, io::Logger(world.log, world.clock, "consensus"));
  const base::Duration begun = world.clock.uptime();
  const base::Status started = co_await replica.start();
  if (!started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    std::exit(1);
  }
  while (!replica.is_leader())
    co_await world.clock.sleep(std::chrono::milliseconds(1));
  const base::Duration took = world.clock.uptime() - begun;
  fmt::print("leads after {}, {} entries\n", base::format_duration(took), replica.applied());
  const boost::asio::any_io_executor main = executor.lane(io::Lane::main);
  for (const int clients : {1, 16, 256, 2048})
    co_await measure(replica, world.clock, main, clients, seconds);
  co_await replica.stop();
  executor.stop();
}

}  // namespace
}  // namespace caravan::consensus

int main(int argc, char** argv) {
  using namespace caravan;
  if (argc < 2) return std::fprintf(stderr, "usage: consensus_bench FOLDER [SECONDS]\n"), 2;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 3;
  io::linux_world::Clock clock;
  io::linux_world::Random random;
  io::linux_world::Executor executor(1, 1);
  io::linux_world::Network network;
  io::linux_world::Disk disk;
  io::linux_world::Processes processes;
  io::linux_world::DescriptorSink log(2, io::Level::warn);
  io::World world{clock, random, executor, network, disk, processes, log};
  io::TaskGroup group(executor.lane(io::Lane::main));
  group.spawn(consensus::run(world, executor, argv[1], seconds));
  executor.run();
}
