// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {

void apply(Change& change, const wire::UpsertJobRestart& c) {
  const base::JobId id{c.restart.ns, c.restart.job_id};
  if (!change.tables().job(id)) return change.refuse();
  const Ref<model::JobRestart>* found = change.tables().job_restarts.find(id);
  const Ref<model::JobRestart> old = found ? *found : nullptr;
  if (c.expected_index != (old ? old->modify_index : 0)) return change.refuse();
  const bool is_new = !old || old->id != c.restart.id;
  if (is_new && old && old->is_active()) return change.refuse();
  auto restart = std::make_shared<model::JobRestart>(c.restart);
  restart->create_index = is_new ? change.index() : old->create_index;
  restart->create_time_ns = is_new ? change.time_ns() : old->create_time_ns;
  restart->modify_index = change.index();
  restart->modify_time_ns = change.time_ns();
  change.put(Ref<model::JobRestart>(restart));
  apply(change, c.transitions);
}

}  // namespace caravan::state
