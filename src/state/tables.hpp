// SPDX-License-Identifier: Apache-2.0
// All that is true in the cluster, as ordered maps of immutable values. A copy of Tables is a
// snapshot: it costs a few pointers and never changes. Secondary maps (…_by_…) hold keys only.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "model/catalog.hpp"
#include "model/config_entry.hpp"
#include "model/connect_ca.hpp"
#include "model/deployment.hpp"
#include "model/done_request.hpp"
#include "model/evaluation.hpp"
#include "model/job_summary.hpp"
#include "model/coordinate.hpp"
#include "model/prepared_query.hpp"
#include "model/user_event.hpp"
#include "state/txn_outcome.hpp"
#include "state/tree.hpp"
#include "wire/command.hpp"

namespace caravan::state {

struct Nothing {};
template <class A, class B>
using Pairs = Tree<std::pair<A, B>, Nothing>;

/// The tables that have an index and a hash of their own. Their order is the order of the snapshot
/// file.
enum class Table {
  jobs,
  job_versions,
  summaries,
  nodes,
  evals,
  allocs,
  deployments,
  services,
  root_keys,
  periodic_launches,
  scaling_policies,
  scaling_events,
  scheduler_config,
  node_pools,
  namespaces,
  quotas,
  acl_policies,
  acl_tokens,
  acl_roles,
  acl_bootstrap,
  variables,
  job_restarts,
  autopilot_config,
  restore_pieces,
  kv,
  sessions,
  lock_delays,
  catalog_nodes,
  catalog_services,
  catalog_checks,
  auth_methods,
  binding_rules,
  requests,
  user_events,
  prepared_queries,
  coordinates,
  config_entries,
  connect_ca
};
inline constexpr std::size_t table_count = 38;
/// How many of them the first version of the log knew. What no server of a cluster may write yet
/// has no part in its snapshots and hashes.
inline constexpr std::size_t first_table_count = 24, second_table_count = 30,
                             third_table_count = 32;
inline std::size_t tables_of(wire::LogVersion version) {
  if (version < 2) return first_table_count;
  if (version < 3) return second_table_count;
  return version < 4 ? third_table_count : table_count;
}
std::string_view table_name(Table table);

using JobVersionKey = std::pair<base::JobId, std::uint64_t>;
/// Namespace, name, id of an instance.
using ServiceKey = std::pair<std::pair<std::string, std::string>, std::string>;

struct JobText {
  std::string text, format;
};

struct Tables : wire::JobSource {
  Tree<base::JobId, Ref<model::Job>> jobs;
  Tree<JobVersionKey, Ref<model::Job>> job_versions;  // the newest `job_versions_max` of each
  Tree<JobVersionKey, Ref<JobText>> job_sources;
  Tree<base::JobId, Ref<model::JobSummary>> summaries;
  Tree<base::NodeId, Ref<model::Node>> nodes;
  Tree<base::EvalId, Ref<model::Evaluation>> evals;
  Pairs<base::JobId, base::EvalId> evals_by_job;
  Tree<base::AllocId, Ref<model::Allocation>> allocs;
  /// A node's stand in the order of their last change by the servers (alloc_modify_index).
  Pairs<std::pair<base::NodeId, std::uint64_t>, base::AllocId> allocs_by_node;
  Tree<base::JobId, Tree<base::AllocId, Nothing>> allocs_by_job;
  Pairs<base::EvalId, base::AllocId> allocs_by_eval;
  Pairs<base::DeploymentId, base::AllocId> allocs_by_deployment;
  Tree<base::DeploymentId, Ref<model::Deployment>> deployments;
  Pairs<base::JobId, base::DeploymentId> deployments_by_job;
  Tree<ServiceKey, Ref<model::ServiceRegistration>> services;
  Pairs<base::AllocId, ServiceKey> services_by_alloc;
  Tree<base::Uuid, Ref<wire::RootKey>> root_keys;
  Tree<base::JobId, Ref<wire::PeriodicLaunch>> periodic_launches;

  Tree<std::string, Ref<model::ScalingPolicy>> scaling_policies;  // by id; of jobs that stand
  Tree<base::JobId, Ref<model::JobScaling>> scaling_events;
  Tree<std::string, Ref<model::SchedulerConfig>> scheduler_configs;  // one, under ""
  Tree<std::string, Ref<model::NodePool>> node_pools;   // without those that are always there
  Tree<std::string, Ref<model::Namespace>> namespaces;  // `default` once somebody changed it
  Tree<std::string, Ref<model::Quota>> quotas;
  Tree<std::string, Ref<model::AclPolicy>> acl_policies;
  Tree<base::Uuid, Ref<model::AclToken>> acl_tokens;   // by accessor
  Tree<std::string, base::Uuid> acl_tokens_by_digest;  // of the secret
  Tree<base::Uuid, Ref<model::AclRole>> acl_roles;
  Tree<std::string, Ref<model::AclBootstrap>> acl_bootstraps;  // one, under ""
  Tree<model::VariableKey, Ref<model::Variable>> variables;
  Tree<model::VariableKey, Nothing> locked_variables;
  Tree<base::JobId, Ref<model::JobRestart>> job_restarts;            // the newest of each job
  Tree<std::string, Ref<model::AutopilotConfig>> autopilot_configs;  // one, under ""
  Tree<std::uint64_t, Ref<wire::RestorePiece>> restore_pieces;       // by offset

  Tree<std::string, Ref<model::KvEntry>> kv;
  Pairs<base::Uuid, std::string> kv_by_session;  // the keys that it holds
  /// When keys were deleted, the newest `kv_graves_max`; what is older may have been deleted at
  /// `kv_graves_before`.
  Tree<std::string, std::uint64_t> kv_graves;
  Pairs<std::uint64_t, std::string> kv_graves_by_index;
  std::uint64_t kv_graves_before = 0;
  Tree<base::Uuid, Ref<model::Session>> sessions;
  Tree<std::string, Tree<base::Uuid, Nothing>> sessions_by_node;
  Tree<std::string, Ref<model::LockDelay>> lock_delays;  // by key
  Pairs<std::int64_t, std::string> lock_delays_by_end;
  Tree<std::string, Ref<model::CatalogNode>> catalog_nodes;  // by name in small letters
  Tree<model::OnNode, Ref<model::CatalogService>> catalog_services;
  Tree<model::OnNode, Ref<model::CatalogCheck>> catalog_checks;
  Pairs<std::string, model::OnNode> instances;          // by the service's name in small letters
  Pairs<model::OnNode, std::string> checks_by_service;  // with "" the checks of the node itself

  Tree<std::string, Ref<model::AuthMethod>> auth_methods;
  Tree<base::Uuid, Ref<model::BindingRule>> binding_rules;

  /// Requests that were carried out, the newest `requests_max`; of those up to `requests_before`
  /// nothing is known any more.
  Tree<base::Uuid, Ref<model::DoneRequest>> requests;
  Tree<std::uint64_t, base::Uuid> requests_by_index;
  std::uint64_t requests_before = 0;
  Tree<model::ConfigKey, Ref<model::ConfigEntry>> config_entries;
  Tree<std::string, Ref<model::ConnectCa>> connect_cas;  // one, under ""

  Tree<std::uint64_t, Ref<model::UserEvent>> user_events;  // by ltime, the newest
  Tree<base::Uuid, Ref<model::PreparedQuery>> prepared_queries;
  /// By name in small letters, and templates by what names begin with.
  Tree<std::string, base::Uuid> queries_by_name, query_templates;
  Pairs<base::Uuid, base::Uuid> queries_by_session;
  Tree<std::string, Ref<model::NodeCoordinate>> coordinates;  // by node in small letters

  std::uint64_t index = 0;  // of the last command applied
  /// So much is a command's index above its place in the log: a state that was restored may be of
  /// a cluster that had come further, and an index never goes back.
  std::uint64_t index_ahead = 0;
  std::uint64_t restored_index = 0;  // of the newest restore; 0: there was none
  /// What all servers understand, so that no command is above it. It never goes back.
  wire::LogVersion log_version = wire::first_log_version;
  std::uint64_t log_index() const { return index - index_ahead; }
  std::array<std::uint64_t, table_count> table_index{};
  std::array<std::uint64_t, table_count> table_hash{};  // sums of the hashes of the entries
  /// The newest change under a prefix that lists watch ("allocs/job/default/web"); a deletion
  /// leaves its index here, so a list never goes back in time.
  Tree<std::string, std::uint64_t> prefix_index;
  /// Commands of late that something stood in the way of, so that they changed nothing: who
  /// proposed one asks. The newest `refused_max`; not in a snapshot file.
  Tree<std::uint64_t, Nothing> refused;
  bool was_refused(std::uint64_t index) const { return refused.find(index) != nullptr; }
  /// What transactions of late found, the newest `kv_outcomes_max`; not in a snapshot file.
  Tree<std::uint64_t, Ref<TxnOutcome>> kv_outcomes;
  /// When allocations of a node were last collected. Not in a snapshot file: after one was read,
  /// anything before it may have been.
  Tree<base::NodeId, std::uint64_t> allocs_collected;
  std::uint64_t collected_before = 0;

  // Reading. Each returns null or nothing when there is none.
  Ref<model::Job> job(const base::JobId& id) const;
  Ref<model::Job> job_version(const base::JobId& id, std::uint64_t version) const;
  Ref<model::Node> node(const base::NodeId& id) const;
  Ref<model::Evaluation> eval(const base::EvalId& id) const;
  Ref<model::Allocation> alloc(const base::AllocId& id) const;
  Ref<model::Deployment> deployment(const base::DeploymentId& id) const;
  Ref<model::JobSummary> summary(const base::JobId& id) const;
  /// When the periodic job was launched last, or became one; zero when it never was.
  base::Instant last_launch(const base::JobId& id) const;
  /// The jobs that periodic and parameterized ones made.
  std::vector<Ref<model::Job>> children_of(const base::JobId& id) const;
  /// The deployment created last.
  Ref<model::Deployment> latest_deployment(const base::JobId& id) const;
  std::vector<Ref<model::Allocation>> allocs_of_job(const base::JobId& id) const;
  /// Those that the servers changed after `since`.
  std::vector<Ref<model::Allocation>> allocs_of_node(const base::NodeId& id,
                                                     std::uint64_t since = 0) const;
  /// Whether allocations of the node may have been collected after `since`.
  bool collected_after(const base::NodeId& id, std::uint64_t since) const;
  std::vector<Ref<model::Allocation>> allocs_of_eval(const base::EvalId& id) const;
  std::vector<Ref<model::Allocation>> allocs_of_deployment(const base::DeploymentId& id) const;
  std::vector<Ref<model::Evaluation>> evals_of_job(const base::JobId& id) const;
  std::vector<Ref<model::Deployment>> deployments_of_job(const base::JobId& id) const;
  std::vector<Ref<model::ServiceRegistration>> services_named(const std::string& ns,
                                                              const std::string& name) const;
  std::vector<Ref<model::ServiceRegistration>> services_of_alloc(const base::AllocId& id) const;

  /// What operators set, or the defaults.
  model::SchedulerConfig scheduler_config() const;
  model::AutopilotConfig autopilot_config() const;
  /// The settings for jobs of a pool: the pool's own before the cluster's.
  model::SchedulerConfig scheduler_config_for(const std::string& pool) const;
  /// Also those that are always there.
  Ref<model::NodePool> node_pool(const std::string& name) const;
  Ref<model::Namespace> name_space(const std::string& name) const;
  std::vector<Ref<model::NodePool>> all_node_pools() const;
  std::vector<Ref<model::Namespace>> all_namespaces() const;
  Ref<model::Quota> quota(const std::string& name) const;
  Ref<model::AclPolicy> acl_policy(const std::string& name) const;
  Ref<model::AclToken> acl_token(const base::Uuid& accessor) const;
  /// The token whose secret has this SHA-256.
  Ref<model::AclToken> acl_token_by_digest(const std::string& digest) const;
  Ref<model::AclRole> acl_role(const base::Uuid& id) const;
  Ref<model::AclRole> acl_role_named(const std::string& name) const;
  Ref<model::AuthMethod> auth_method(const std::string& name) const;
  /// That which is meant where only a type is named; null when none is.
  Ref<model::AuthMethod> default_auth_method(const std::string& type) const;
  Ref<model::BindingRule> binding_rule(const base::Uuid& id) const;
  Ref<model::DoneRequest> request(const base::Uuid& id) const;
  Ref<model::PreparedQuery> prepared_query(const base::Uuid& id) const;
  /// The index that a reset has to name; 0 before the first bootstrap.
  std::uint64_t acl_reset_index() const;
  Ref<model::Variable> variable(const model::VariableKey& key) const;
  Ref<model::KvEntry> kv_entry(const std::string& key) const;
  Ref<model::Session> session(const base::Uuid& id) const;
  Ref<model::ConfigEntry> config_entry(const model::ConfigKey& key) const;
  Ref<model::ConnectCa> connect_ca() const;
  /// When the key was written or deleted last, as far as that is still known.
  std::uint64_t kv_changed(const std::string& key) const;
  /// The same of all keys that begin so.
  std::uint64_t kv_changed_under(const std::string& prefix) const;
  /// The version that bears the tag.
  Ref<model::Job> tagged_version(const base::JobId& id, const std::string& tag) const;

  std::uint64_t index_of(Table table) const { return table_index[static_cast<std::size_t>(table)]; }
  std::uint64_t index_of_prefix(const std::string& prefix) const;
  /// The same on every server at the same index, and after a snapshot was read back.
  std::uint64_t hash() const;

  std::shared_ptr<const model::Job> find_job(const wire::JobKey& key) const override;
};

using Snapshot = std::shared_ptr<const Tables>;

/// Far more than there are between a command and the look of who proposed it.
inline constexpr std::size_t refused_max = 4096;

/// Older job versions are forgotten, unless they bear a tag.
inline constexpr std::size_t job_versions_max = 6;
/// Each costs a list of keys a look at it, so there are not more of them.
inline constexpr std::size_t kv_graves_max = 8192;
inline constexpr std::size_t kv_outcomes_max = 256;
/// Far more than are written between the end of a leader and the question to the next one.
inline constexpr std::size_t requests_max = 16384;
/// Versions of one job that may bear a tag.
inline constexpr std::size_t job_tags_max = 64;

/// Why a pool, a namespace or a quota cannot be taken away, "" when it can.
std::string why_pool_stays(const Tables& tables, const std::string& name);
std::string why_namespace_stays(const Tables& tables, const std::string& name);
std::string why_quota_stays(const Tables& tables, const std::string& name);

/// What list queries watch, besides whole tables.
namespace prefix {
std::string allocs_of_job(const base::JobId& id);
std::string allocs_of_node(const base::NodeId& id);
std::string evals_of_job(const base::JobId& id);
std::string deployments_of_job(const base::JobId& id);
std::string service(const std::string& ns, const std::string& name);
/// All that tells how well the instances of a service are. The name is in small letters.
std::string health(const std::string& service);
std::string config_entries(model::ConfigKind kind);
}  // namespace prefix

/// A watch key that begins with this byte stands for every key that begins with the rest of it.
inline constexpr char watch_all_under = '\x01';

/// What single reads watch: "job/default/web", "alloc/<id>", …
namespace key {
inline const std::string log_version = "log-version";
std::string job(const base::JobId& id);
std::string node(const base::NodeId& id);
/// Something on the node has ended, or is to.
std::string room(const base::NodeId& id);
/// Something ended that counted against the quota of this name.
std::string quota_room(const std::string& quota);
std::string eval(const base::EvalId& id);
std::string alloc(const base::AllocId& id);
std::string deployment(const base::DeploymentId& id);
std::string node_pool(const std::string& name);
std::string acl_policy(const std::string& name);
std::string acl_token(const base::Uuid& accessor);
std::string acl_role(const base::Uuid& id);
std::string auth_method(const std::string& name);
std::string binding_rule(const base::Uuid& id);
std::string variable(const model::VariableKey& key);
std::string kv(const std::string& key);
/// Any key of the store that begins so.
std::string kv_under(const std::string& prefix);
std::string session(const base::Uuid& id);
std::string prepared_query(const base::Uuid& id);
std::string sessions_of_node(const std::string& node);
std::string table(Table table);
/// Everything may have changed: another state was restored.
inline const std::string restored = "restored";
}  // namespace key

}  // namespace caravan::state
