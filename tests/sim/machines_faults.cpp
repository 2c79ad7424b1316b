// SPDX-License-Identifier: Apache-2.0
// What happens to the machines, by the seed, and how it is mended.
#include "sim/machines.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration pause_max = 8s;
constexpr base::Duration clock_step_max = 2h;
constexpr base::Duration slow_link = 300ms;
constexpr base::Duration slow_sync_min = 100ms, slow_sync_max = 1500ms;

}  // namespace

Machine& Machines::any_machine() {
  if (world_.random.chance(500)) return any_server();
  return any_client();
}
ServerMachine& Machines::any_server() { return servers_[world_.random.below(servers_.size())]; }
ClientMachine& Machines::any_client() { return clients_[world_.random.below(clients_.size())]; }

void Machines::crash(Machine& machine, bool power) {
  if (!machine.host.running()) return;
  machine.crash(power);
  pass(0s);
}

void Machines::boot_some(int share) {
  const auto boot = [&](Machine& machine) {
    if (machine.host.running() || gone_.contains(machine.host.name)) return;
    if (world_.random.chance(share)) machine.boot();
  };
  for (ServerMachine& server : servers_) {
    if (server.is_old() && !server.host.running() && world_.random.chance(300)) server.upgrade();
    boot(server);
  }
  for (ClientMachine& client : clients_)
    boot(client);
}

void Machines::damage() {
  SimRandom& random = world_.random;
  ++outcome_.faults;
  switch (random.below(shape_.slow_disks ? 11 : 10)) {
    case 0:
    case 1:
      return crash(any_server(), random.chance(400));
    case 2:
      return crash(any_client(), random.chance(400));
    case 3:
      return any_machine().host.pause(random.between(base::Duration(10ms), pause_max));
    case 4:
    case 5:
      return damage_network(any_machine());
    case 6:
      return damage_leader();
    case 7:
      return drain_some();
    case 8:
      return replace_a_server();
    case 10:
      return slow_down(any_server().host.disk);
    default:
      if (!random.chance(300)) return;
      for (ServerMachine& server : servers_)
        crash(server, random.chance(700));
  }
}

void Machines::set_clock(Machine& machine) {
  machine.host.step_clock(world_.random.between(-clock_step_max, clock_step_max));
}

void Machines::slow_down(DiskImage& disk) {
  disk.knobs.sync_min = slow_sync_min;
  disk.knobs.sync_max = slow_sync_max;
}

void Machines::damage_network(Machine& one) {
  SimRandom& random = world_.random;
  Fabric& fabric = world_.fabric;
  const std::string& ip = one.host.ip;
  switch (random.below(5)) {
    case 0:
      return fabric.isolate(ip);
    case 1:  // it hears the others, who hear it no more
      for (const ServerMachine& other : servers_)
        if (other.host.ip != ip) fabric.cut(ip, other.host.ip);
      return;
    case 2:  // they hear it, which hears them no more
      for (const ServerMachine& other : servers_)
        if (other.host.ip != ip) fabric.cut(other.host.ip, ip);
      return;
    case 3:
      if (const Machine& other = any_machine(); &other != &one) fabric.cut_both(ip, other.host.ip);
      return;
    default:
      fabric.knobs.latency_max = slow_link;
  }
}

void Machines::damage_leader() {
  SimRandom& random = world_.random;
  ServerMachine* first = leader();
  if (!first) return;
  switch (random.below(4)) {
    case 0:
      return crash(*first, random.chance(400));
    case 1:
      return world_.fabric.isolate(first->host.ip);
    case 2:
      return first->host.pause(random.between(base::Duration(10ms), pause_max));
    default:
      for (const consensus::ServerId id : first->server()->replica().members().voters)
        if (id != first->part()->cluster().identity().id)
          (void)first->server()->replica().transfer_leadership(id);
  }
}

/// One dies and never comes back; another one with an empty disk comes for it. Only when all of its
/// log is elsewhere: there is no help for a majority without disks.
void Machines::replace_a_server() {
  if (!shape_.loses_disks || !gone_.empty() || newest_acknowledged_ == 0 ||
      !missing_server().empty())
    return;
  ServerMachine& victim = any_server();
  gone_.insert(victim.host.name);
  crash(victim, true);
  ServerSettings settings{{}, shape_.servers};
  for (const ServerMachine& other : servers_)
    if (&other != &victim) settings.others.push_back(other.address());
  servers_.emplace_back(world_, fmt::format("server-{}", servers_.size() + 1), std::move(settings));
}

/// One after the other, when all of them are well: what an operator does.
void Machines::upgrade_next() {
  for (const ServerMachine& server : servers_)
    if (!server.serves() && !gone_.contains(server.host.name)) return;
  for (ServerMachine& server : servers_) {
    if (!server.is_old() || gone_.contains(server.host.name)) continue;
    crash(server, false);
    server.upgrade();
    return server.boot();
  }
}

void Machines::drain_some() {
  ServerMachine* first = leader();
  ClientMachine& client = any_client();
  if (!first || client.node_id().is_nil()) return;
  server::DrainRequest request;
  request.node_id = client.node_id();
  request.strategy = model::DrainStrategy();
  request.strategy->deadline = world_.random.chance(300) ? base::Duration(-1) : base::Duration(20s);
  first->ask([request](server::Server& asked) -> io::Task<void> {
    auto setting = asked.drainer().set(request);
    (void)co_await std::move(setting);
  });
}

/// Until the state says so.
void Machines::end_drains() {
  ServerMachine* first = leader();
  if (!first) return;
  const state::Snapshot tables = first->server()->store().snapshot();
  for (const ClientMachine& client : clients_) {
    const state::Ref<model::Node> node = tables->node(client.node_id());
    if (!node || (node->eligible && !node->drain)) continue;
    server::DrainRequest request;
    request.node_id = client.node_id();
    request.mark_eligible = true;
    first->ask([request](server::Server& asked) -> io::Task<void> {
      auto setting = asked.drainer().set(request);
      (void)co_await std::move(setting);
    });
  }
}

void Machines::mend() {
  world_.fabric.heal();
  world_.fabric.knobs.latency_max = world_.knobs.latency_max;
  for (ServerMachine& server : servers_) {
    if (server.host.running()) server.host.pause(0s);
    server.host.disk.knobs = world_.knobs;
  }
  for (ClientMachine& client : clients_)
    if (client.host.running()) client.host.pause(0s);
}

}  // namespace caravan::sim
