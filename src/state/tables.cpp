// SPDX-License-Identifier: Apache-2.0
#include "state/tables.hpp"

#include <fmt/core.h>

#include "base/hash.hpp"

namespace caravan::state {
namespace {

template <class Map, class Key>
auto get(const Map& map, const Key& key) {
  const auto* found = map.find(key);
  return found ? *found : std::remove_cvref_t<decltype(*found)>();
}

/// Values whose keys stand under `first` in a map of pairs.
template <class First, class Second, class Map>
auto collect(const Pairs<First, Second>& pairs, const First& first, const Map& values) {
  using Value = std::remove_cvref_t<decltype(*values.find(std::declval<Second>()))>;
  std::vector<Value> list;
  pairs.from({first, Second()}, [&](const std::pair<First, Second>& key, const Nothing&) {
    if (key.first != first) return false;
    if (const Value* value = values.find(key.second)) list.push_back(*value);
    return true;
  });
  return list;
}

}  // namespace

std::string_view table_name(Table table) {
  static constexpr std::string_view names[table_count] = {"jobs",
                                                          "job_versions",
                                                          "summaries",
                                                          "nodes",
                                                          "evals",
                                                          "allocs",
                                                          "deployments",
                                                          "services",
                                                          "root_keys",
                                                          "periodic_launches",
                                                          "scaling_policies",
                                                          "scaling_events",
                                                          "scheduler_config",
                                                          "node_pools",
                                                          "namespaces",
                                                          "quotas",
                                                          "acl_policies",
                                                          "acl_tokens",
                                                          "acl_roles",
                                                          "acl_bootstrap",
                                                          "variables",
                                                          "job_restarts",
                                                          "autopilot_config",
                                                          "restore_pieces",
                                                          "kv",
                                                          "sessions",
                                                          "lock_delays",
                                                          "catalog_nodes",
                                                          "catalog_services",
                                                          "catalog_checks",
                                                          "auth_methods",
                                                          "binding_rules",
                                                          "requests",
                                                          "user_events",
                                                          "prepared_queries",
                                                          "coordinates",
                                                          "config_entries",
                                                          "connect_ca"};
  return names[static_cast<std::size_t>(table)];
}

Ref<model::Job> Tables::job(const base::JobId& id) const { return get(jobs, id); }
Ref<model::Job> Tables::job_version(const base::JobId& id, std::uint64_t version) const {
  return get(job_versions, JobVersionKey(id, version));
}
base::Instant Tables::last_launch(const base::JobId& id) const {
  const Ref<wire::PeriodicLaunch>* launch = periodic_launches.find(id);
  return launch ? (*launch)->time : base::Instant();
}
std::vector<Ref<model::Job>> Tables::children_of(const base::JobId& id) const {
  std::vector<Ref<model::Job>> list;
  const std::string begin = id.id + "/";
  jobs.from({id.ns, begin}, [&](const base::JobId& key, const Ref<model::Job>& job) {
    if (key.ns != id.ns || !key.id.starts_with(begin)) return false;
    if (job->parent_id == id.id) list.push_back(job);
    return true;
  });
  return list;
}
Ref<model::Node> Tables::node(const base::NodeId& id) const { return get(nodes, id); }
Ref<model::Evaluation> Tables::eval(const base::EvalId& id) const { return get(evals, id); }
Ref<model::Allocation> Tables::alloc(const base::AllocId& id) const { return get(allocs, id); }
Ref<model::Deployment> Tables::deployment(const base::DeploymentId& id) const {
  return get(deployments, id);
}
Ref<model::JobSummary> Tables::summary(const base::JobId& id) const { return get(summaries, id); }

std::vector<Ref<model::Allocation>> Tables::allocs_of_job(const base::JobId& id) const {
  std::vector<Ref<model::Allocation>> list;
  const Tree<base::AllocId, Nothing>* ids = allocs_by_job.find(id);
  if (!ids) return list;
  list.reserve(ids->size());
  ids->each(
      [&](const base::AllocId& alloc, const Nothing&) { list.push_back(*allocs.find(alloc)); });
  return list;
}
std::vector<Ref<model::Allocation>> Tables::allocs_of_node(const base::NodeId& id,
                                                           std::uint64_t since) const {
  std::vector<Ref<model::Allocation>> list;
  const std::uint64_t first = since == 0 ? 0 : since + 1;
  allocs_by_node.from({{id, first}, {}}, [&](const auto& key, const Nothing&) {
    if (key.first.first != id) return false;
    list.push_back(*allocs.find(key.second));
    return true;
  });
  return list;
}
bool Tables::collected_after(const base::NodeId& id, std::uint64_t since) const {
  const std::uint64_t* last = allocs_collected.find(id);
  return since < collected_before || (last && since < *last);
}
std::vector<Ref<model::Allocation>> Tables::allocs_of_eval(const base::EvalId& id) const {
  return collect(allocs_by_eval, id, allocs);
}
std::vector<Ref<model::Allocation>> Tables::allocs_of_deployment(
    const base::DeploymentId& id) const {
  return collect(allocs_by_deployment, id, allocs);
}
std::vector<Ref<model::Evaluation>> Tables::evals_of_job(const base::JobId& id) const {
  return collect(evals_by_job, id, evals);
}
std::vector<Ref<model::Deployment>> Tables::deployments_of_job(const base::JobId& id) const {
  return collect(deployments_by_job, id, deployments);
}

Ref<model::Deployment> Tables::latest_deployment(const base::JobId& id) const {
  Ref<model::Deployment> latest;
  for (const Ref<model::Deployment>& deployment : deployments_of_job(id))
    if (!latest || deployment->create_index > latest->create_index) latest = deployment;
  return latest;
}

std::vector<Ref<model::ServiceRegistration>> Tables::services_named(const std::string& ns,
                                                                    const std::string& name) const {
  std::vector<Ref<model::ServiceRegistration>> list;
  services.from({{ns, name}, ""},
                [&](const ServiceKey& key, const Ref<model::ServiceRegistration>& service) {
                  if (key.first != std::pair(ns, name)) return false;
                  list.push_back(service);
                  return true;
                });
  return list;
}

std::vector<Ref<model::ServiceRegistration>> Tables::services_of_alloc(
    const base::AllocId& id) const {
  return collect(services_by_alloc, id, services);
}

std::uint64_t Tables::index_of_prefix(const std::string& prefix) const {
  const std::uint64_t* found = prefix_index.find(prefix);
  return found ? *found : 0;
}

std::uint64_t Tables::hash() const {
  std::string parts = fmt::format("{}", index);
  // Tables that came later count only once they are used, so that a snapshot from before them has
  // the hash that it was written with.
  constexpr auto first_later = static_cast<std::size_t>(Table::scaling_policies);
  for (std::size_t i = 0; i < table_count; ++i)
    if (i < first_later || table_index[i] > 0)
      parts += fmt::format(" {} {}", table_index[i], table_hash[i]);
  return base::hash64(parts);
}

std::shared_ptr<const model::Job> Tables::find_job(const wire::JobKey& key) const {
  const base::JobId id{key.ns, key.id};
  const auto matches = [&](const Ref<model::Job>& job) {
    return job && job->version == key.version && job->create_index == key.create_index;
  };
  if (Ref<model::Job> found = job_version(id, key.version); matches(found)) return found;
  if (Ref<model::Job> found = job(id); matches(found)) return found;
  for (const Ref<model::Allocation>& alloc : allocs_of_job(id))
    if (matches(alloc->job)) return alloc->job;  // a version that only an allocation still holds
  return nullptr;
}

namespace prefix {
std::string allocs_of_job(const base::JobId& id) {
  return fmt::format("allocs/job/{}/{}", id.ns, id.id);
}
std::string allocs_of_node(const base::NodeId& id) {
  return fmt::format("allocs/node/{}", id.to_string());
}
std::string evals_of_job(const base::JobId& id) {
  return fmt::format("evals/job/{}/{}", id.ns, id.id);
}
std::string deployments_of_job(const base::JobId& id) {
  return fmt::format("deployments/job/{}/{}", id.ns, id.id);
}
std::string service(const std::string& ns, const std::string& name) {
  return fmt::format("service/{}/{}", ns, name);
}
std::string health(const std::string& service) { return "catalog/health/" + service; }
std::string config_entries(model::ConfigKind kind) {
  return fmt::format("config/{}", model::name_of(kind));
}
}  // namespace prefix

namespace key {
std::string job(const base::JobId& id) { return fmt::format("job/{}/{}", id.ns, id.id); }
std::string node(const base::NodeId& id) { return "node/" + id.to_string(); }
std::string room(const base::NodeId& id) { return "room/" + id.to_string(); }
std::string quota_room(const std::string& quota) { return "quota-room/" + quota; }
std::string eval(const base::EvalId& id) { return "eval/" + id.to_string(); }
std::string alloc(const base::AllocId& id) { return "alloc/" + id.to_string(); }
std::string deployment(const base::DeploymentId& id) { return "deployment/" + id.to_string(); }
std::string node_pool(const std::string& name) { return "node_pool/" + name; }
std::string acl_policy(const std::string& name) { return "acl_policy/" + name; }
std::string acl_token(const base::Uuid& accessor) { return "acl_token/" + accessor.to_string(); }
std::string acl_role(const base::Uuid& id) { return "acl_role/" + id.to_string(); }
std::string auth_method(const std::string& name) { return "auth_method/" + name; }
std::string binding_rule(const base::Uuid& id) { return "binding_rule/" + id.to_string(); }
std::string variable(const model::VariableKey& key) {
  return fmt::format("variable/{}/{}", key.first, key.second);
}
std::string kv(const std::string& key) { return "kv/" + key; }
std::string kv_under(const std::string& prefix) { return watch_all_under + kv(prefix); }
std::string session(const base::Uuid& id) { return "session/" + id.to_string(); }
std::string prepared_query(const base::Uuid& id) { return "query/" + id.to_string(); }
std::string sessions_of_node(const std::string& node) { return "sessions/node/" + node; }
std::string table(Table table) { return std::string(table_name(table)); }
}  // namespace key

}  // namespace caravan::state
