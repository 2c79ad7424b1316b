// SPDX-License-Identifier: Apache-2.0
// A real server with a real synced log in a folder of its own, on this machine's clock and threads,
// and simulated nodes that talk to it as clients do: they register, beat, ask for their allocations
// and take what they are given.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "bench/fleet.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/executor.hpp"
#include "io/linux/log_sink.hpp"
#include "io/linux/network.hpp"
#include "io/linux/processes.hpp"
#include "io/task.hpp"
#include "server/server.hpp"

namespace caravan::bench {

/// A job of `count` tasks so small that a hundred of them fit the smallest node.
model::Job small_job(int number, int count);

/// A temporary folder, gone with its content at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Site {
 public:
  /// For cases in which nodes share the cores with more than they ever would.
  static constexpr server::HeartbeatConfig patient{.ttl = base::Duration(30'000'000'000),
                                                   .grace = base::Duration(60'000'000'000)};

  /// `folder`: where the log is; made when it does not exist.
  explicit Site(std::string folder, server::HeartbeatConfig heartbeat = patient);
  ~Site();

  /// Starts the server, waits until it leads, runs the story on the main lane and stops.
  void run(io::Task<void> story);

  /// Registers `count` nodes and keeps them alive. Main lane.
  io::Task<void> add_nodes(int count, Dice& dice);
  /// The first `count` nodes beat no more.
  void silence(int count) { silent_ = count; }
  /// Allocations that nodes have been given so far.
  long delivered() const { return delivered_; }
  /// Asks `done` every few milliseconds. Ends the process when it is not true in time.
  io::Task<void> until(std::function<bool()> done, double seconds, const char* what);

  io::Task<void> submit(model::Job job);
  /// Allocations in the state.
  long placed() const { return static_cast<long>(server_->store().snapshot()->allocs.size()); }
  /// From the server's construction to its leading.
  double seconds_to_lead() const { return seconds_to_lead_; }

  server::Server& server() { return *server_; }
  io::World& world() { return world_; }
  std::uint64_t log_bytes() const;

 private:
  struct Alone : consensus::Peers {
    void send(consensus::ServerId, consensus::Traffic, std::string) override {}
  };
  io::Task<void> live(io::Task<void> story);
  io::Task<void> node_life(int number, model::Node node);
  io::Task<void> beats(int number, base::NodeId id, base::Uuid secret);

  std::string folder_;
  server::HeartbeatConfig heartbeat_;
  io::linux_world::Clock clock_;
  io::linux_world::Random random_;
  io::linux_world::Disk disk_;
  io::linux_world::Network network_;
  io::linux_world::Processes processes_;
  io::linux_world::DescriptorSink sink_;
  io::linux_world::Executor executor_;
  io::World world_;
  Alone peers_;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<io::TaskGroup> nodes_;
  long delivered_ = 0;
  double seconds_to_lead_ = 0;
  int registered_ = 0, silent_ = 0;
};

}  // namespace caravan::bench
