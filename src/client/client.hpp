// SPDX-License-Identifier: Apache-2.0
// The node: tells the servers that it is there, asks what it is to run, runs it, and reports.
// Everything here is on the client lane. The servers are reached through a Channel, in this agent
// or another.
#pragma once

#include <map>
#include <set>

#include "client/alloc_runner.hpp"
#include "client/node_identity.hpp"
#include "rpc/rpc.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::client {

struct ClientConfig {
  std::string state_dir;  // absolute
  std::string alloc_dir;
  std::string region = "global";
  base::Duration kill_timeout_max{30'000'000'000};
  std::map<std::string, std::string> host_env;
  FetchConfig fetch;
  NetworkConfig network;
  Devices devices;
  /// Told with each heartbeat which servers can be asked, as host:port.
  std::function<void(const std::vector<std::string>&)> on_servers;
  SetCatalogShare set_catalog_share;  // on the client's lane
  ForeignData* foreign_data = nullptr;
  /// The token that introduces this node to servers that do not know it, as it is now; "" for none.
  std::function<std::string()> introduction;
};

class Client {
 public:
  /// `node` is what fingerprinting found; its id and secret come from the state folder.
  Client(io::World& world, ClientConfig config, model::Node node,
         std::map<std::string, std::unique_ptr<driver::Driver>> drivers, rpc::Channel& servers,
         io::Logger log);
  ~Client();

  /// Restores what ran before, then keeps going. Errors: io (the folders).
  io::Task<base::Status> start();
  /// Ends the agent's part; tasks go on.
  io::Task<void> stop();

  const model::Node& node() const { return node_; }
  AllocRunner* find(const base::AllocId& id);
  const std::map<base::AllocId, std::unique_ptr<AllocRunner>>& allocs() const { return allocs_; }
  std::map<std::string, std::unique_ptr<driver::Driver>>& drivers() { return drivers_; }
  const ClientConfig& config() const { return config_; }
  bool in_contact() const { return in_contact_; }
  NodeIdentity& identity() { return identity_; }

 private:
  io::Task<base::Status> identify();
  io::Task<base::Status> count_start();
  io::Task<void> keep_registered();
  io::Task<void> watch_allocs();
  io::Task<void> send_reports();
  io::Task<bool> apply(wire::NodeAllocsReply reply);
  io::Task<bool> add(model::Allocation alloc);
  io::Task<void> collect(base::AllocId id);
  io::Task<void> end_unheard();
  io::Task<void> watch_drivers();
  void wire_host();

  io::World& world_;
  ClientConfig config_;
  model::Node node_;
  std::map<std::string, std::unique_ptr<driver::Driver>> drivers_;
  rpc::Channel& servers_;
  io::Logger log_;
  LocalState local_state_;
  AllocNetworks networks_;
  Host host_;
  NodeIdentity identity_;
  std::map<base::AllocId, std::unique_ptr<AllocRunner>> allocs_;
  std::set<base::AllocId> news_;
  io::Event have_news_, registered_changed_;
  io::TaskGroup tasks_;
  bool registered_ = false, in_contact_ = false;
  std::uint64_t report_ = 0;       // the number of the newest one
  std::uint64_t restored_ = 0;     // as the servers said last
  std::uint64_t known_since_ = 0;  // the index at which all allocations here were known; 0: none
  base::Duration last_heard_{0};   // uptime of the last answer to a heartbeat
};

}  // namespace caravan::client
