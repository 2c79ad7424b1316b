// SPDX-License-Identifier: Apache-2.0
// The servers' face towards nodes: registration, heartbeats, the list of what a node is to run, and
// its reports. Heartbeats touch no log: only a node that falls silent does.
#pragma once

#include <map>
#include <unordered_map>

#include "io/log.hpp"
#include "io/task.hpp"
#include "rpc/rpc.hpp"
#include "server/introductions.hpp"
#include "server/proposals.hpp"
#include "server/watches.hpp"
#include "state/store.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::server {

struct HeartbeatConfig {
  base::Duration ttl = base::Duration(5'000'000'000);    // nodes beat within this time
  base::Duration grace = base::Duration(5'000'000'000);  // and may be this late
};

/// How long a node's question for allocations waits for a change.
inline constexpr base::Duration node_wait_max{300'000'000'000};

class Nodes : public rpc::Service {
 public:
  Nodes(io::World& world, state::Store& store, Proposals& proposals, Watches& watches,
        HeartbeatConfig config, io::Logger log);

  void start();  // leadership was gained: every node has a full TTL to be heard from
  io::Task<void> stop();

  io::Task<base::Result<std::string>> call(const rpc::Caller& caller, std::string method,
                                           std::string request) override;
  io::Task<base::Status> stream(const rpc::Caller& caller, std::string method, std::string head,
                                io::Stream& stream) override;

  /// Who tells nodes which servers they may ask.
  void tell_servers(std::function<std::vector<std::string>()> servers) {
    servers_ = std::move(servers);
  }
  /// Who says whether a node that is not known may join; without, it may. It outlives this.
  void introduce_by(const Introductions& introductions) { introductions_ = &introductions; }
  std::size_t active() const { return deadlines_.size(); }

 private:
  io::Task<base::Result<std::string>> register_node(std::string request);
  io::Task<base::Result<std::string>> heartbeat(std::string request);
  io::Task<base::Result<std::string>> allocs(std::string request);
  io::Task<base::Result<std::string>> report(std::string request);
  io::Task<base::Result<std::string>> set_services(std::string request);
  base::Status prove(const base::NodeId& id, const base::Uuid& secret) const;
  std::string beat(const base::NodeId& id);
  wire::EncodedAllocsReply answer(const state::Tables& tables,
                                  const wire::NodeAllocsRequest& request);
  io::Task<void> watch_silence();
  io::Task<void> mark(base::NodeId id, model::NodeStatus status, std::string event);

  /// The bytes of job versions that nodes were told lately: one goes to many of them.
  class EncodedJobs {
   public:
    /// Valid until the next call.
    const std::string& of(const state::Ref<model::Job>& job);

   private:
    static constexpr std::size_t bytes_max = 16 << 20;  // then all are forgotten
    struct Entry {
      state::Ref<model::Job> job;  // so that its address stays its own
      std::string bytes;
    };
    std::unordered_map<const model::Job*, Entry> jobs_;
    std::size_t bytes_ = 0;
  };

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  Watches& watches_;
  HeartbeatConfig config_;
  std::function<std::vector<std::string>()> servers_;
  io::Logger log_;
  const Introductions* introductions_ = nullptr;
  std::map<base::NodeId, base::Duration> deadlines_;           // by uptime
  std::unordered_map<base::NodeId, base::Duration> answered_;  // about allocations, by uptime
  base::Duration answer_cost_{0};
  EncodedJobs encoded_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
