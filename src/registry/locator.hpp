// SPDX-License-Identifier: Apache-2.0
// Where this agent stands in the network: one server after the other is asked how long an answer
// takes, and the servers are told the place that follows when it is another one. Main lane.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "io/log.hpp"
#include "io/task.hpp"
#include "registry/vivaldi.hpp"
#include "rpc/connections.hpp"

namespace caravan::registry {

/// What a server answers with its own place, at once and without asking anybody.
inline constexpr const char* probe_method = "Coordinate.Probe";
/// Tells the servers a model::NodeCoordinate.
inline constexpr const char* place_method = "Catalog.Coordinate";

class Locator {
 public:
  /// The servers that can be asked, without one in this agent.
  using Servers = std::function<std::vector<io::Address>()>;

  /// `servers` is told the places. References outlive it.
  Locator(io::World& world, rpc::Transport& transport, std::string node, Servers landmarks,
          rpc::Channel& servers, io::Logger log);

  void start();
  io::Task<void> stop();
  const model::Coordinate& place() const { return vivaldi_.place(); }

 private:
  io::Task<void> run();
  io::Task<void> probe();
  io::Task<void> tell();

  io::World& world_;
  const std::string node_;
  const Servers landmarks_;
  rpc::Channel& servers_;
  io::Logger log_;
  rpc::Connections connections_;
  Vivaldi vivaldi_;
  std::size_t turn_ = 0;
  std::optional<model::Coordinate> told_;
  base::Duration told_at_{0};
  io::TaskGroup tasks_;
};

}  // namespace caravan::registry
