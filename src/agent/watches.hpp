// SPDX-License-Identifier: Apache-2.0
// The watches of this agent's files: each asks its question over and over, and tells its handler
// what has changed. One handler runs at a time for each; what changes meanwhile it hears at once.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>

#include "config/watch_definition.hpp"
#include "http/message.hpp"
#include "io/task.hpp"
#include "io/world.hpp"

namespace caravan::agent {

/// Runs on the client's lane.
class Watches {
 public:
  /// Asks this agent's own API. `token`: "" for none.
  using Ask = std::function<io::Task<base::Result<http::Response>>(std::string target,
                                                                   std::string token)>;
  /// `environment`: of the programs that are told.
  Watches(io::World& world, Ask ask, std::map<std::string, std::string> environment,
          io::Logger log);

  /// These from now on: those that were there before go on as if nothing had happened. Any lane.
  void want(std::vector<config::WatchDefinition> wanted);
  /// Handlers that still run are killed. Any lane.
  io::Task<void> stop();

 private:
  struct Running {
    config::WatchDefinition definition;
    std::unique_ptr<io::TaskGroup> tasks;
  };
  void begin(std::vector<config::WatchDefinition> wanted);
  io::Task<void> end_all();
  io::Task<void> run(config::WatchDefinition definition);
  /// Errors: whatever kept the question from being answered.
  io::Task<base::Status> look(const config::WatchDefinition& definition,
                              config::Watching& watching, bool& tells);
  io::Task<void> tell(const config::WatchDefinition& definition, std::string news,
                      std::uint64_t index);

  io::World& world_;
  Ask ask_;
  const std::map<std::string, std::string> environment_;
  io::Logger log_;
  std::list<Running> running_, ended_;  // ended: asked to, and maybe not there yet
  bool is_over_ = false;
};

}  // namespace caravan::agent
