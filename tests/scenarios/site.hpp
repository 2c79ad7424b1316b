// SPDX-License-Identifier: Apache-2.0
// One server and any number of nodes in a simulated world, for stories told in words.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "model/job.hpp"
#include "model/node.hpp"
#include "server/children.hpp"
#include "sim/supervisor_program.hpp"
#include "state/store.hpp"

namespace caravan::scenarios {

class Site {
 public:
  explicit Site(std::uint64_t seed);
  ~Site();

  /// Boots one more machine.
  void add_node(model::Node node);
  /// From now on the servers and the node do not hear each other; its tasks go on.
  void cut(const std::string& node);
  void heal(const std::string& node);
  /// The machine loses power, and its tasks end; boot() gives it back.
  void crash(const std::string& node);
  void boot(const std::string& node);
  void pass(base::Duration time);

  /// What the servers said: "" when they took it.
  std::string submit(model::Job job, std::string source);
  std::string stop(const std::string& job);
  std::string force(const std::string& job);
  std::string dispatch(const std::string& job, server::DispatchRequest request);
  /// Collects what is over, however young.
  std::string collect();
  /// Ends the server and starts it again after a while. Precondition: no nodes, they hold it.
  void outage(base::Duration time);
  std::string set_eligible(const std::string& node, bool eligible);
  /// A deadline below 0 is at once, 0 is none.
  std::string drain(const std::string& node, base::Duration deadline);
  /// From now on jobs of these types, and no others, may preempt.
  std::string preempt(const std::vector<std::string>& types);
  /// promote, pause, resume or fail: the job's latest deployment.
  std::string act_on_deployment(const std::string& job, const std::string& action);
  /// Says of all running allocations of the latest deployment how they are.
  std::string judge(const std::string& job, bool healthy);
  state::Snapshot state() const;
  std::string node_name(const base::NodeId& id) const;
  const sim::Ledger& processes() const { return ledger_; }

 private:
  struct Server;
  struct Member;
  void boot_server();
  void set_cut(const std::string& node, bool is_cut);
  base::NodeId node_id(const std::string& name) const;
  /// Lets the world go on until the servers have answered.
  template <class Reply>
  base::Result<Reply> answer_of(io::Task<base::Result<Reply>> asked);
  template <class Reply>
  std::string refusal_of(io::Task<base::Result<Reply>> asked);

  sim::Ledger ledger_;
  sim::World world_;
  sim::Host& servers_;
  std::shared_ptr<Server> server_;
  std::map<std::string, model::Node> nodes_;
  std::map<std::string, std::shared_ptr<Member>> members_;
  std::set<std::string> cut_;
};

}  // namespace caravan::scenarios
