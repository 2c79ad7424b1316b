// SPDX-License-Identifier: Apache-2.0
// Empties nodes: moves what runs there as fast as each group's `migrate` block allows, batch work
// only when the deadline is over, system jobs last.
#pragma once

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

/// What is to be done about one draining node now.
struct DrainStep {
  std::vector<state::Ref<model::Allocation>> move;
  bool complete = false;  // nothing is left that has to go
};

/// Pure. Precondition: the node drains.
DrainStep drain_step(const state::Tables& tables, const model::Node& node, base::Instant now);

/// What a user asks for. No strategy ends the drain.
struct DrainRequest {
  base::NodeId node_id;
  std::optional<model::DrainStrategy> strategy;  // deadline: below 0 = at once, 0 = none
  bool mark_eligible = false;                    // with the end of the drain
  std::map<std::string, std::string> meta;
};
struct DrainReply {
  std::uint64_t index = 0;
  std::vector<base::EvalId> evals;
};

class Drainer {
 public:
  Drainer(io::World& world, state::Store& store, Proposals& proposals, io::Logger log);
  void start();
  io::Task<void> stop();
  /// Errors: not_found, and those of a proposal.
  io::Task<base::Result<DrainReply>> set(DrainRequest request);

 private:
  io::Task<void> run();
  io::Task<void> look(state::Ref<model::Node> node);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
