// SPDX-License-Identifier: Apache-2.0
// What operators do to the cluster as a whole: settings, pools, namespaces, and cleaning up by
// hand.
#pragma once

#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

/// Ids that one request to delete evaluations may name; the peers' number.
inline constexpr std::size_t eval_ids_max = 7281;

class Operator {
 public:
  Operator(io::World& world, state::Store& store, Proposals& proposals)
      : world_(world), store_(store), proposals_(proposals) {}

  struct Written {
    std::uint64_t index = 0;
    bool updated = true;  // false: the expected index was not the current one
  };
  /// Errors: invalid (a setting that has no effect yet is enabled, by name).
  io::Task<base::Result<Written>> set_scheduler(model::SchedulerConfig config,
                                                std::optional<std::uint64_t> expected_index);
  /// Errors: those of a proposal.
  io::Task<base::Result<Written>> set_autopilot(model::AutopilotConfig config,
                                                std::optional<std::uint64_t> expected_index);

  /// Each returns the index of the write. Errors: invalid (the name, one that is always there, one
  /// that is in use), not_found.
  io::Task<base::Result<std::uint64_t>> put_pool(model::NodePool pool);
  io::Task<base::Result<std::uint64_t>> delete_pool(std::string name);
  io::Task<base::Result<std::uint64_t>> put_namespace(model::Namespace space);
  io::Task<base::Result<std::uint64_t>> delete_namespace(std::string name);
  io::Task<base::Result<std::uint64_t>> put_quota(model::Quota quota);
  io::Task<base::Result<std::uint64_t>> delete_quota(std::string name);

  /// Takes the evaluations out of the state with the allocations that are over. Those with
  /// allocations that live are refused when `all`, else left alone. `count` says how many went.
  /// Errors: invalid (the broker is not paused), not_found.
  io::Task<base::Result<std::uint64_t>> delete_evals(std::vector<base::EvalId> ids, bool all,
                                                     std::size_t& count);

  struct NodeReply {
    std::uint64_t index = 0;
    std::vector<base::EvalId> evals;
  };
  /// Has all jobs of the node looked at again. Errors: not_found.
  io::Task<base::Result<NodeReply>> evaluate_node(base::NodeId id);
  /// Forgets the node; one that lives registers anew. Errors: not_found.
  io::Task<base::Result<NodeReply>> purge_node(base::NodeId id);

 private:
  io::Task<base::Result<Written>> write(wire::AnyCommand command);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
};

}  // namespace caravan::server
