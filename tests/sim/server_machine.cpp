// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "sim/machine.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr const char* data_dir = "/var/lib/caravan/server";

io::Task<void> answer_nothing(const http::Request&, http::Responder&) { co_return; }

agent::ServerPartConfig config_of(const ServerMachine& machine, const ServerSettings& settings) {
  agent::ServerPartConfig config;
  config.server.data_dir = data_dir;
  config.server.replica.snapshot_entries = 40;  // often, so that they come back from snapshots too
  config.server.log_version = settings.log_version;
  config.server.keys.signing = crypto::SigningAlgorithm::eddsa;
  wire::ServerInfo& self = config.cluster.self;
  self.name = machine.host.name;
  self.rpc_address = machine.address().to_string();
  self.region = "global";
  self.datacenter = "dc1";
  self.version = "0.1.0";
  self.expect = settings.expect;
  config.cluster.join.addresses = settings.others;
  // Short, as stories are.
  config.cluster.autopilot.rules.stabilization = 3s;
  config.cluster.autopilot.dead_after = 8s;
  config.listen = {machine.address()};
  config.cluster.gossip.advertise = {machine.host.ip, 4648, false};
  config.cluster.gossip.listen = config.cluster.gossip.advertise;
  config.is_alone = settings.expect == 1 && settings.others.empty();
  return config;
}

}  // namespace

struct ServerMachine::Agent {
  Agent(io::World& io, const ServerMachine& machine)
      : transport(true),
        part(io, machine.host.outfit().datagrams, transport, config_of(machine, machine.settings_),
             answer_nothing, io::Logger(io.log, io.clock, "server")),
        asked(machine.world_.executor()) {}

  rpc::PlainTransport transport;
  agent::ServerPart part;
  io::TaskGroup asked;
  bool serves = false;
};

ServerMachine::ServerMachine(World& world, const std::string& name, ServerSettings settings)
    : Machine(world, name), settings_(std::move(settings)) {}

bool ServerMachine::serves() const { return agent_ && agent_->serves; }
server::Server* ServerMachine::server() const {
  return serves() ? &agent_->part.server() : nullptr;
}
agent::ServerPart* ServerMachine::part() const { return serves() ? &agent_->part : nullptr; }

void ServerMachine::ask(std::function<io::Task<void>(server::Server&)> question) {
  struct Asked {
    static io::Task<void> run(std::shared_ptr<Agent> agent,
                              std::function<io::Task<void>(server::Server&)> question) {
      co_await question(agent->part.server());
    }
  };
  agent_->asked.spawn(Asked::run(agent_, std::move(question)));
}

io::Task<void> ServerMachine::run_agent(io::World& io) {
  const auto agent = std::make_shared<Agent>(io, *this);
  agent_ = agent;
  const base::Status started = co_await agent->part.start();
  const base::Status opened = started ? co_await agent->part.open_doors() : started;
  if (!opened) {
    gave_up_ = opened.error().message;
    co_return;
  }
  agent->serves = true;
  const base::Error error = co_await agent->part.failure();
  if (agent_ == agent) gave_up_ = error.message;
}

/// As agent::Agent::stop.
io::Task<void> ServerMachine::stop_agent() {
  const std::shared_ptr<Agent> agent = agent_;
  agent->part.server().watches().close();
  co_await agent->part.stop();
  co_await agent->asked.drain();
}

void ServerMachine::forget_agent(bool) { agent_.reset(); }

}  // namespace caravan::sim
