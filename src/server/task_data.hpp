// SPDX-License-Identifier: Apache-2.0
// What templates of tasks read of the cluster: variables and services. A task reads with what its
// identity allows, and only a node that runs it may ask.
#pragma once

#include "acl/workload.hpp"
#include "io/world.hpp"
#include "server/registry_data.hpp"
#include "server/variables.hpp"
#include "server/watches.hpp"
#include "state/store.hpp"
#include "wire/task_data.hpp"

namespace caravan::server {

class TaskData {
 public:
  /// `guarded`: access control is on. `datacenter`: the registry's. References outlive it.
  TaskData(io::World& world, state::Store& store, Watches& watches, const Variables& variables,
           bool guarded, std::string datacenter)
      : world_(world),
        store_(store),
        watches_(watches),
        variables_(variables),
        guarded_(guarded),
        datacenter_(std::move(datacenter)) {}

  /// Answers a TaskDataRequest. Errors: denied (the node), not_found (the allocation, the task).
  io::Task<base::Result<std::string>> read(std::string request) const;

 private:
  using Found = TaskFound;
  /// One look at the state, in the name of one task.
  struct Look;
  base::Result<Found> find(const Look& look, const wire::TaskQuestion& question) const;
  base::Result<Found> variable(const Look& look, const wire::TaskQuestion& question) const;
  base::Result<Found> variable_list(const Look& look, const wire::TaskQuestion& question) const;
  wire::TaskDataReply answer(const state::Tables& tables, const acl::Workload& by,
                             const wire::TaskDataRequest& asked, bool& differs) const;

  io::World& world_;
  state::Store& store_;
  Watches& watches_;
  const Variables& variables_;
  const bool guarded_;
  const std::string datacenter_;
};

}  // namespace caravan::server
