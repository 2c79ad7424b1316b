// SPDX-License-Identifier: Apache-2.0
// Replicas on simulated hosts, a small Peers over the simulated network, and clients that never
// stop proposing. What was acknowledged, and what each server applied, is kept here, outside of the
// hosts, and compared after every event.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "consensus/replica.hpp"
#include "sim/world.hpp"

namespace caravan::consensus::test {

class ReplicaCluster;

/// A list of commands, in order.
class ListMachine : public StateMachine {
 public:
  ListMachine(ReplicaCluster& cluster) : cluster_(cluster) {}
  base::Status apply(Index index, std::string_view command) override;
  std::function<std::string()> capture() override;
  base::Status restore(std::string_view bytes) override;
  std::uint64_t hash() const override { return hash_; }
  const std::map<std::string, Index>& commands() const { return commands_; }

 private:
  void add(Index index, std::string_view command);
  ReplicaCluster& cluster_;
  std::map<std::string, Index> commands_;
  std::uint64_t hash_ = 1;
};

/// One connection per peer and traffic; frames with their length. Drops what does not fit.
class SimPeers : public Peers {
 public:
  SimPeers(io::World& world, sim::Life& life, ServerId self, std::size_t servers);
  void send(ServerId to, Traffic traffic, std::string bytes) override;
  /// From now on what arrives goes to the replica.
  void serve(Replica& replica);

 private:
  struct Line;
  struct State;
  static io::Task<void> carry(std::shared_ptr<State> state, std::shared_ptr<Line> line);
  static io::Task<void> listen(std::shared_ptr<State> state);
  static io::Task<void> read(std::shared_ptr<State> state, std::shared_ptr<io::Stream> stream);
  std::shared_ptr<State> state_;
  io::TaskGroup tasks_;
};

struct ClusterOptions {
  int servers = 3;
  int joining = 0;  // of them, the last ones: not there when the cluster was founded
  sim::Knobs knobs;
  std::uint64_t snapshot_entries = 100;
  base::Duration propose_every{5'000'000};
};

class ReplicaCluster {
 public:
  ReplicaCluster(std::uint64_t seed, ClusterOptions options);

  struct Server {  // pointers while its agent runs
    sim::Host* host = nullptr;
    ListMachine* machine = nullptr;
    Replica* replica = nullptr;
    base::Status started;
  };

  const ClusterOptions options;
  std::vector<Server> servers;                // [id - 1]
  std::map<std::string, Index> acknowledged;  // command -> index
  std::set<std::string> undone;               // "nothing was written", they were told
  std::map<Index, std::string> applied;       // by whoever came first
  std::map<Term, ServerId> leaders;
  std::map<std::string, int> errors;  // of proposals, by message
  bool proposing = true;
  sim::World world;  // last: it unwinds the servers, which know all of the above

  void boot(ServerId id);
  /// The one that leads, if exactly one says so.
  Server* leader();
  bool run_until_leader(base::Duration limit);
  /// One fault or recovery, by the seed: a crash, a cut, a pause, a restart.
  void damage();
  /// Starts what is down, mends the network and waits until all states are equal and complete.
  void settle();
  void note_applied(Index index, std::string_view command);
  void check();
  /// The world, and where each server stands.
  std::string describe() const;

 private:
  io::Task<void> run_server(ServerId id, sim::Host& host, io::World& io);
  io::Task<void> propose_forever(ServerId id, sim::Host& host, io::World& io);
  io::Task<void> propose_one(ServerId id);
  std::uint64_t commands_ = 0;
};

}  // namespace caravan::consensus::test
