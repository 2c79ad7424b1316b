// SPDX-License-Identifier: Apache-2.0
// What a task may do by being what it is: read the variables of its own job, and what policies say
// that are attached to it.
#pragma once

#include "acl/permissions.hpp"
#include "model/allocation.hpp"
#include "state/tables.hpp"

namespace caravan::acl {

struct Workload {
  std::string ns, job, group, task;  // a child counts as its parent
};

Workload workload_of(const model::Allocation& alloc, std::string task);

/// `names` gets those of the policies that are attached.
Permissions permissions_of(const state::Tables& tables, const Workload& workload,
                           std::vector<std::string>& names);

}  // namespace caravan::acl
