// SPDX-License-Identifier: Apache-2.0
// A simulated host of a cluster with the agent that belongs on it: a server or a client, made of
// the real parts, that may die at any moment and come back.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/server_part.hpp"
#include "client/client.hpp"
#include "client/node_service.hpp"
#include "driver/supervised.hpp"
#include "rpc/uplink.hpp"
#include "sim/network_program.hpp"

namespace caravan::sim {

class Machine {
 public:
  Machine(World& world, const std::string& name) : host(world.add_host(name)), world_(world) {}
  virtual ~Machine() = default;

  Host& host;

  void boot();
  /// kill -9 of the agent at any moment, or the end of the machine's power. Nothing that the agent
  /// does while its coroutines end where they wait reaches anybody. Errors: std::logic_error when
  /// they do not end.
  void crash(bool power);
  /// Why the agent ended by itself, "" as long as it did not.
  const std::string& gave_up() const { return gave_up_; }
  /// Its parts have started.
  virtual bool serves() const = 0;

 protected:
  virtual io::Task<void> run_agent(io::World& io) = 0;
  virtual io::Task<void> stop_agent() = 0;
  virtual void forget_agent(bool power) = 0;

  World& world_;
  std::string gave_up_;
};

struct ServerSettings {
  std::vector<io::Address> others;                   // it asks to join
  int expect = 1;                                    // bootstrap_expect
  wire::LogVersion log_version = wire::log_version;  // which its program knows
};

/// A server among others.
class ServerMachine : public Machine {
 public:
  struct Agent;
  ServerMachine(World& world, const std::string& name, ServerSettings settings);

  bool serves() const override;
  io::Address address() const { return {host.ip, 4647, false}; }
  /// Null while it does not serve.
  server::Server* server() const;
  agent::ServerPart* part() const;
  bool leads() const { return server() && server()->is_leading(); }
  /// Its program is replaced, from its next boot on.
  void upgrade() { settings_.log_version = wire::log_version; }
  bool is_old() const { return settings_.log_version < wire::log_version; }
  /// What the story asks of this server. It ends with the agent.
  void ask(std::function<io::Task<void>(server::Server&)> question);

 private:
  io::Task<void> run_agent(io::World& io) override;
  io::Task<void> stop_agent() override;
  void forget_agent(bool power) override;

  ServerSettings settings_;
  std::shared_ptr<Agent> agent_;
};

/// A node.
class ClientMachine : public Machine {
 public:
  struct Agent;
  ClientMachine(World& world, const std::string& name, std::vector<io::Address> servers, int cpu);

  bool serves() const override;
  /// Nil before it was ever drawn.
  base::NodeId node_id() const { return node_id_; }

  Ledger ledger;  // of its processes
  Plumbing plumbing;

 private:
  io::Task<void> run_agent(io::World& io) override;
  io::Task<void> stop_agent() override;
  void forget_agent(bool power) override;

  const std::string data_dir_;
  std::vector<io::Address> servers_;
  int cpu_;
  base::NodeId node_id_;
  std::shared_ptr<Agent> agent_;
};

}  // namespace caravan::sim
