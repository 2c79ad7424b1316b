// SPDX-License-Identifier: Apache-2.0
// Very many nodes of one simulated server: each says to it what a client says, and runs nothing.
// What it is given is running as soon as it is given.
#pragma once

#include <deque>
#include <string>

#include "io/task.hpp"
#include "model/node.hpp"
#include "server/server.hpp"

namespace caravan::sim {

class LightNodes {
 public:
  /// References outlive it.
  LightNodes(io::World& io, server::Server& server);

  /// Registers one more, and keeps it alive.
  void add(model::Node node);
  /// Those from `first` up to `end` say nothing any more, as if unplugged.
  void silence(std::size_t first, std::size_t end);
  /// They are heard again, as if they had been started anew.
  void wake(std::size_t first, std::size_t end);
  io::Task<void> stop();

  std::size_t registered() const { return registered_; }
  std::size_t size() const { return nodes_.size(); }
  const base::NodeId& id(std::size_t number) const { return nodes_[number].node.id; }
  /// What was refused, "" when nothing was.
  const std::string& complaint() const { return complaint_; }

 private:
  struct One {
    model::Node node;
    std::unique_ptr<io::TaskGroup> life;
  };
  void live(One& one);
  io::Task<void> follow(One& one);
  io::Task<void> beat(One& one);
  io::Task<base::Status> report(One& one, const std::vector<model::Allocation>& changed);

  io::World& io_;
  server::Server& server_;
  std::deque<One> nodes_;
  std::size_t registered_ = 0;
  std::string complaint_;
};

}  // namespace caravan::sim
