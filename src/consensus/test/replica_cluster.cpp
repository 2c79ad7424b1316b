// SPDX-License-Identifier: Apache-2.0
#include "consensus/test/replica_cluster.hpp"

#include <stdexcept>

#include "consensus/bytes.hpp"

namespace caravan::consensus::test {
using namespace std::chrono_literals;

void ListMachine::add(Index index, std::string_view command) {
  commands_.emplace(command, index);
  hash_ = sim::mix(sim::mix(hash_, index), command);
}

base::Status ListMachine::apply(Index index, std::string_view command) {
  if (commands_.contains(std::string(command)))
    throw std::logic_error(fmt::format("{} is applied twice", command));
  add(index, command);
  cluster_.note_applied(index, command);
  return {};
}

std::function<std::string()> ListMachine::capture() {
  return [commands = commands_, hash = hash_] {
    std::string bytes;
    put(bytes, hash);
    for (const auto& [command, index] : commands) {
      put(bytes, index);
      put_bytes(bytes, command);
    }
    return bytes;
  };
}

base::Status ListMachine::restore(std::string_view bytes) {
  commands_.clear();
  ByteReader reader(bytes);
  hash_ = reader.get<std::uint64_t>();
  while (reader.ok() && !reader.at_end()) {
    const auto index = reader.get<Index>();
    commands_.emplace(reader.bytes(), index);
  }
  if (!reader.ok()) return base::invalid("not a list of commands");
  return {};
}

ReplicaCluster::ReplicaCluster(std::uint64_t seed, ClusterOptions given)
    : options(given), servers(static_cast<std::size_t>(given.servers)), world(seed, given.knobs) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers[i].host = &world.add_host(fmt::format("server-{}", i + 1));
    boot(i + 1);
  }
  world.after_each_event = [this] { check(); };
}

void ReplicaCluster::boot(ServerId id) {
  servers[id - 1].host->boot([this, id](sim::Host& host, io::World& io) -> io::Task<void> {
    co_await run_server(id, host, io);
  });
}

io::Task<void> ReplicaCluster::run_server(ServerId id, sim::Host& host, io::World& io) {
  Server& server = servers[id - 1];
  ListMachine machine(*this);
  SimPeers peers(io, host.life(), id, servers.size());
  ReplicaConfig config;
  config.id = id;
  config.data_dir = "/var/lib/caravan/raft";
  const ServerId founders = servers.size() - static_cast<std::size_t>(options.joining);
  for (ServerId each = 1; each <= founders && id <= founders; ++each)
    config.voters.push_back(each);
  config.snapshot_entries = options.snapshot_entries;
  config.log.segment_bytes = 16 << 10;
  Replica replica(io, config, machine, peers, io::Logger(io.log, io.clock, "consensus"));
  struct Registered {
    Server& server;
    ~Registered() { server.replica = nullptr, server.machine = nullptr; }
  } registered{server};
  server.started = co_await replica.start();
  if (!server.started) co_return;
  server.replica = &replica;
  server.machine = &machine;
  peers.serve(replica);
  io::TaskGroup clients(host.life().executor);
  clients.spawn(propose_forever(id, host, io));
  (void)co_await replica.failure();
}

io::Task<void> ReplicaCluster::propose_forever(ServerId id, sim::Host& host, io::World& io) {
  for (;;) {
    co_await io.clock.sleep(options.propose_every);
    const Replica* replica = servers[id - 1].replica;
    if (!proposing || replica == nullptr || !replica->is_leader()) continue;
    host.life().tasks.spawn(propose_one(id));
  }
}

io::Task<void> ReplicaCluster::propose_one(ServerId id) {
  std::string command = fmt::format("c{}", ++commands_);
  const std::string name = command;
  auto proposed = servers[id - 1].replica->propose(std::move(command), Priority::job, 5s);
  const base::Result<Index> index = co_await std::move(proposed);
  if (index)
    acknowledged[name] = *index;
  else
    ++errors[index.error().message];
  if (!index && index.error().code == base::Code::unavailable) undone.insert(name);
}

void ReplicaCluster::note_applied(Index index, std::string_view command) {
  const auto [found, fresh] = applied.try_emplace(index, command);
  if (!fresh && found->second != command)
    throw std::logic_error(fmt::format("entry {} is {} and {}", index, found->second, command));
}

void ReplicaCluster::check() {
  for (const Server& server : servers) {
    if (server.replica == nullptr || !server.host->running()) continue;
    if (!server.replica->is_leader()) continue;
    const auto id = static_cast<ServerId>(&server - servers.data()) + 1;
    const auto [found, fresh] = leaders.try_emplace(server.replica->term(), id);
    if (found->second != id)
      throw std::logic_error(fmt::format("term {} has two leaders", server.replica->term()));
  }
}

std::string ReplicaCluster::describe() const {
  std::string text = world.describe();
  for (const Server& server : servers) {
    text += fmt::format("\n  {}: ", server.host->name);
    if (server.replica == nullptr)
      text += server.started ? "not running" : server.started.error().message;
    else
      text +=
          fmt::format("term {} leader {} applied {} commit {} snapshot {}", server.replica->term(),
                      server.replica->leader(), server.replica->applied(),
                      server.replica->commit_index(), server.replica->snapshot_index());
  }
  return text;
}

ReplicaCluster::Server* ReplicaCluster::leader() {
  Server* found = nullptr;
  for (Server& server : servers) {
    if (server.replica == nullptr || !server.replica->is_leader()) continue;
    if (found != nullptr) return nullptr;
    found = &server;
  }
  return found;
}

bool ReplicaCluster::run_until_leader(base::Duration limit) {
  return world.run_until([this] { return leader() != nullptr; }, limit);
}

void ReplicaCluster::damage() {
  sim::SimRandom& random = world.random;
  sim::Fabric& fabric = world.fabric;
  const ServerId one = 1 + random.below(servers.size());
  sim::Host& host = *servers[one - 1].host;
  switch (random.below(7)) {
    case 0:
      host.kill();
      break;
    case 1:
      host.power_off();
      break;
    case 2:
      fabric.isolate(host.ip);
      break;
    case 3:  // it hears the others, who hear it no more
      for (const Server& other : servers)
        if (other.host != &host) fabric.cut(host.ip, other.host->ip);
      break;
    case 4:
      fabric.heal();
      break;
    case 5:
      host.pause(random.between(base::Duration(10ms), base::Duration(5s)));
      break;
    default:
      for (const Server& server : servers)
        server.host->power_off();
  }
  for (ServerId id = 1; id <= servers.size(); ++id)
    if (!servers[id - 1].host->running() && random.chance(600)) boot(id);
}

void ReplicaCluster::settle() {
  world.fabric.heal();
  world.fabric.knobs.stall = world.fabric.knobs.reset = 0;
  for (ServerId id = 1; id <= servers.size(); ++id)
    if (!servers[id - 1].host->running()) boot(id);
  const std::size_t before = acknowledged.size();
  world.run_until([&] { return acknowledged.size() > before + 3; }, 60s);
  proposing = false;
  const bool agreed = world.run_until(
      [this] {
        for (const Server& server : servers)
          if (server.machine == nullptr || server.machine->hash() != servers[0].machine->hash())
            return false;
        return acknowledged.empty() || servers[0].machine->commands().size() == applied.size();
      },
      60s);
  if (!agreed) throw std::logic_error("the servers did not agree: " + describe());
  if (acknowledged.size() <= before + 3)
    throw std::logic_error("nothing was acknowledged any more: " + world.describe());
  for (const std::string& command : undone)
    if (servers[0].machine->commands().contains(command))
      throw std::logic_error(command + " was said not to be written, and was: " + world.describe());
  for (const auto& [command, index] : acknowledged) {
    const auto& commands = servers[0].machine->commands();
    const auto found = commands.find(command);
    if (found == commands.end() || found->second != index)
      throw std::logic_error(command + " was acknowledged and lost: " + world.describe());
  }
}

}  // namespace caravan::consensus::test
