// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {

void apply(Change& change, const wire::SetSchedulerConfig& c) {
  const model::SchedulerConfig old = change.tables().scheduler_config();
  if (c.expected_index && *c.expected_index != old.modify_index) return change.refuse();
  auto config = std::make_shared<model::SchedulerConfig>(c.config);
  config->create_index = old.modify_index == 0 ? change.index() : old.create_index;
  config->modify_index = change.index();
  change.put(Ref<model::SchedulerConfig>(config));
}

void apply(Change& change, const wire::SetAutopilotConfig& c) {
  const model::AutopilotConfig old = change.tables().autopilot_config();
  if (c.expected_index && *c.expected_index != old.modify_index) return change.refuse();
  auto config = std::make_shared<model::AutopilotConfig>(c.config);
  config->create_index = old.modify_index == 0 ? change.index() : old.create_index;
  config->modify_index = change.index();
  change.put(Ref<model::AutopilotConfig>(config));
}

void apply(Change& change, const wire::SetLogVersion& c) {
  if (c.version <= change.tables().log_version) return change.refuse();
  change.set_log_version(c.version);
}

void apply(Change& change, const wire::UpsertNodePools& c) {
  for (const model::NodePool& given : c.pools) {
    if (model::is_built_in_pool(given.name)) continue;
    const Ref<model::NodePool> old = change.tables().node_pool(given.name);
    auto pool = std::make_shared<model::NodePool>(given);
    pool->create_index = old ? old->create_index : change.index();
    pool->modify_index = change.index();
    change.put(Ref<model::NodePool>(pool));
  }
}

void apply(Change& change, const wire::DeleteNodePools& c) {
  for (const std::string& name : c.names)
    if (why_pool_stays(change.tables(), name).empty()) change.erase_node_pool(name);
}

void apply(Change& change, const wire::UpsertNamespaces& c) {
  for (const model::Namespace& given : c.namespaces) {
    const Ref<model::Namespace> old = change.tables().name_space(given.name);
    auto space = std::make_shared<model::Namespace>(given);
    space->create_index = old ? old->create_index : change.index();
    space->modify_index = change.index();
    change.put(Ref<model::Namespace>(space));
  }
}

void apply(Change& change, const wire::DeleteNamespaces& c) {
  for (const std::string& name : c.names)
    if (why_namespace_stays(change.tables(), name).empty()) change.erase_namespace(name);
}

void apply(Change& change, const wire::UpsertQuotas& c) {
  for (const model::Quota& given : c.quotas) {
    const Ref<model::Quota> old = change.tables().quota(given.name);
    auto quota = std::make_shared<model::Quota>(given);
    quota->create_index = old ? old->create_index : change.index();
    quota->modify_index = change.index();
    change.put(Ref<model::Quota>(quota));
  }
}

void apply(Change& change, const wire::DeleteQuotas& c) {
  for (const std::string& name : c.names)
    if (why_quota_stays(change.tables(), name).empty()) change.erase_quota(name);
}

}  // namespace caravan::state
