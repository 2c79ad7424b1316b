// SPDX-License-Identifier: Apache-2.0
#include "state/census.hpp"

#include <algorithm>

namespace caravan::state {

std::vector<TableCensus> census(const Tables& tables) {
  std::vector<TableCensus> all;
  const auto count = [&](Table table, const auto& map) {
    TableCensus one{table_name(table), map.size(), 0};
    map.each([&](const auto&, const auto& value) { one.bytes += wire::encode(*value).size(); });
    if (one.entries > 0) all.push_back(one);
  };
  count(Table::jobs, tables.jobs);
  count(Table::job_versions, tables.job_versions);
  count(Table::summaries, tables.summaries);
  count(Table::nodes, tables.nodes);
  count(Table::evals, tables.evals);
  count(Table::allocs, tables.allocs);
  count(Table::deployments, tables.deployments);
  count(Table::services, tables.services);
  count(Table::root_keys, tables.root_keys);
  count(Table::periodic_launches, tables.periodic_launches);
  count(Table::scaling_policies, tables.scaling_policies);
  count(Table::scaling_events, tables.scaling_events);
  count(Table::scheduler_config, tables.scheduler_configs);
  count(Table::node_pools, tables.node_pools);
  count(Table::namespaces, tables.namespaces);
  count(Table::quotas, tables.quotas);
  count(Table::acl_policies, tables.acl_policies);
  count(Table::acl_tokens, tables.acl_tokens);
  count(Table::acl_roles, tables.acl_roles);
  count(Table::acl_bootstrap, tables.acl_bootstraps);
  count(Table::variables, tables.variables);
  count(Table::job_restarts, tables.job_restarts);
  count(Table::autopilot_config, tables.autopilot_configs);
  count(Table::catalog_nodes, tables.catalog_nodes);
  count(Table::catalog_services, tables.catalog_services);
  count(Table::catalog_checks, tables.catalog_checks);
  count(Table::kv, tables.kv);
  count(Table::sessions, tables.sessions);
  count(Table::lock_delays, tables.lock_delays);
  count(Table::auth_methods, tables.auth_methods);
  count(Table::binding_rules, tables.binding_rules);
  count(Table::user_events, tables.user_events);
  count(Table::prepared_queries, tables.prepared_queries);
  count(Table::coordinates, tables.coordinates);
  count(Table::config_entries, tables.config_entries);
  count(Table::connect_ca, tables.connect_cas);
  std::ranges::sort(all, std::ranges::greater{}, &TableCensus::bytes);
  return all;
}

}  // namespace caravan::state
