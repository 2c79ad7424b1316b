// SPDX-License-Identifier: Apache-2.0
// What templates read of a Consul beside this node: each question is asked once for all tasks and
// kept up to date as long as somebody needs it. Client lane.
#pragma once

#include "client/foreign/agent.hpp"
#include "expr/template.hpp"
#include "io/log.hpp"
#include "io/task.hpp"

namespace caravan::client {

class ForeignData {
 public:
  /// References outlive it.
  ForeignData(io::World& world, ForeignAgent& agent, std::string own_node, io::Logger log);

  struct Known {
    json::Value value;  // null: there is none
    std::string refusal;
    std::uint64_t version = 0;  // another for each other answer; 0: not known yet
  };
  /// From now on it is asked for, until nobody has wanted to know for a while.
  const Known& get(const expr::Dependency& dependency);
  /// Some answer is another than before.
  io::Event& changed() { return changed_; }
  io::Task<void> stop() { return tasks_.stop(); }

 private:
  struct Watched {
    Known known;
    base::Duration wanted{0};  // when somebody wanted to know last
  };
  io::Task<void> watch(expr::Dependency dependency);
  void take(Watched& watched, json::Value value, std::string refusal);

  io::World& world_;
  ForeignAgent& agent_;
  const std::string own_node_;
  io::Logger log_;
  std::map<expr::Dependency, Watched> watched_;
  std::uint64_t versions_ = 0;
  io::Event changed_;
  io::TaskGroup tasks_;
};

}  // namespace caravan::client
