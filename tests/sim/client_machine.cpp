// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "driver/raw_exec.hpp"
#include "sim/machine.hpp"
#include "sim/sim_node.hpp"

namespace caravan::sim {
namespace {

client::ClientConfig config_of(const std::string& data_dir, const std::string& supervisor) {
  client::ClientConfig config;
  config.state_dir = data_dir + "/client";
  config.alloc_dir = data_dir + "/alloc";
  config.network.cni.path = {sim_plugins};
  config.network.cni.supervisor = supervisor;
  config.network.namespace_dir = sim_namespaces;
  config.network.records_dir = config.state_dir + "/networks";
  return config;
}

model::Node node_of(const Host& host, int cpu) {
  model::Node node = make_node(host.name, host.ip);
  node.resources.cpu.shares = cpu;
  return node;
}

/// One for each machine, so that its programs find its processes.
std::string supervisor_of(const std::string& data_dir) { return data_dir + "/caravan-supervisor"; }

}  // namespace

struct ClientMachine::Agent {
  Agent(io::World& io, const ClientMachine& machine)
      : log(io.log, io.clock, "client"),
        transport(false),
        uplink(io, transport, io.executor.lane(io::Lane::client), machine.servers_,
               log.named("servers")),
        supervisors(io, supervisor_of(machine.data_dir_), machine.data_dir_ + "/client/run", log),
        client(io, config(machine), node_of(machine.host, machine.cpu_), drivers(), uplink, log),
        service(io, client, nullptr) {}

  client::ClientConfig config(const ClientMachine& machine) {
    client::ClientConfig config = config_of(machine.data_dir_, supervisor_of(machine.data_dir_));
    config.on_servers = [this](const std::vector<std::string>& servers) {
      std::vector<io::Address> known;
      for (const std::string& text : servers)
        if (const auto address = io::Address::parse(text)) known.push_back(*address);
      uplink.learn(std::move(known));
    };
    return config;
  }

  std::map<std::string, std::unique_ptr<driver::Driver>> drivers() {
    std::map<std::string, std::unique_ptr<driver::Driver>> list;
    list["raw_exec"] = std::make_unique<driver::RawExec>(supervisors, true);
    return list;
  }

  io::Logger log;
  rpc::PlainTransport transport;
  rpc::Uplink uplink;
  driver::Supervisors supervisors;
  client::Client client;
  client::NodeService service;
  bool serves = false;
};

ClientMachine::ClientMachine(World& world, const std::string& name,
                             std::vector<io::Address> servers, int cpu)
    : Machine(world, name), data_dir_("/var/lib/" + name), servers_(std::move(servers)), cpu_(cpu) {
  const ProgramMain supervise = supervisor_program(ledger);
  world.programs[supervisor_of(data_dir_)] = [this, supervise](Process& process) {
    const bool plumbs = process.program.argv.size() > 2;
    return plumbs ? network_program(process, plumbing, ledger) : supervise(process);
  };
  ledger.is_network = [this](const std::string& path) {
    return plumbing.has_network(path.substr(path.find("caravan-") + sizeof "caravan-" - 1));
  };
}

bool ClientMachine::serves() const { return agent_ && agent_->serves; }

io::Task<void> ClientMachine::run_agent(io::World& io) {
  ++plumbing.agents;
  plumbing.show(io.disk);
  install_plugins(io.disk);
  const auto agent = std::make_shared<Agent>(io, *this);
  agent_ = agent;
  agent->uplink.start(agent->service);
  const base::Status started = co_await agent->client.start();
  if (!started) {
    gave_up_ = started.error().message;
    co_return;
  }
  node_id_ = agent->client.node().id;
  agent->serves = true;
  while (true)
    co_await io.clock.sleep(std::chrono::hours(1));
}

/// As agent::Agent::stop.
io::Task<void> ClientMachine::stop_agent() {
  const std::shared_ptr<Agent> agent = agent_;
  co_await agent->uplink.stop();
  co_await agent->client.stop();
}

void ClientMachine::forget_agent(bool power) {
  agent_.reset();
  if (!power) return;
  plumbing.namespaces.clear();
  plumbing.rules.clear();
  plumbing.locked.clear();
  ++plumbing.boots;
}

}  // namespace caravan::sim
