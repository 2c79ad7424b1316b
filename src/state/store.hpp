// SPDX-License-Identifier: Apache-2.0
// Where commands become truth. `apply` is a pure function of the tables and the command: two
// servers with the same log have the same tables, byte for byte, and a hash says so.
//
// One thread applies; any thread takes snapshots. After each apply the store tells which watch keys
// changed, in the words of tables.hpp; who waits for them is not known here.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "state/tables.hpp"

namespace caravan::state {

/// One command's way through the tables: it writes through here, so that indexes, hashes and
/// touched keys cannot be forgotten.
class Change {
 public:
  Change(Tables& tables, std::uint64_t index, std::int64_t time_ns)
      : tables_(tables), index_(index), time_ns_(time_ns) {}

  const Tables& tables() const { return tables_; }
  std::uint64_t index() const { return index_; }
  std::int64_t time_ns() const { return time_ns_; }

  void put(Ref<model::Job> job);
  void put_version(Ref<model::Job> job);
  void put_source(const JobVersionKey& key, JobText source);
  void put(Ref<model::JobSummary> summary);
  void put(Ref<model::Node> node);
  void put(Ref<model::Evaluation> eval);
  void put(Ref<model::Allocation> alloc);
  void put(Ref<model::Deployment> deployment);
  void put(Ref<model::ServiceRegistration> service);
  void put(Ref<wire::RootKey> key);
  void put(Ref<wire::PeriodicLaunch> launch);
  void put(Ref<model::ScalingPolicy> policy);
  void put(Ref<model::JobScaling> scaling);
  void put(Ref<model::JobRestart> restart);
  void put(Ref<model::SchedulerConfig> config);
  void put(Ref<model::NodePool> pool);
  void put(Ref<model::Namespace> space);
  void put(Ref<model::Quota> quota);
  void put(Ref<model::AclPolicy> policy);
  void put(Ref<model::AclToken> token);
  void put(Ref<model::AclRole> role);
  void put(Ref<model::AclBootstrap> bootstrap);
  void put(Ref<model::AuthMethod> method);
  void put(Ref<model::BindingRule> rule);
  /// The oldest gives way to it when there are too many.
  void put(Ref<model::DoneRequest> request);
  void put(Ref<model::Variable> variable);
  void put(Ref<model::AutopilotConfig> config);
  void put(Ref<wire::RestorePiece> piece);
  void put(Ref<model::CatalogNode> node);
  void put(Ref<model::CatalogService> service);
  void put(Ref<model::CatalogCheck> check);
  void put(Ref<model::KvEntry> entry);
  void put(Ref<model::Session> session);
  void put(Ref<model::LockDelay> delay);
  /// The oldest gives way to it when there are too many.
  void put(Ref<model::UserEvent> event);
  void put(Ref<model::PreparedQuery> query);
  void put(Ref<model::NodeCoordinate> coordinate);
  void put(Ref<model::ConfigEntry> entry);
  void put(Ref<model::ConnectCa> ca);

  /// With its versions, sources, summary, last launch, scaling policies and events.
  void erase_job(const base::JobId& id);
  void erase_version(const JobVersionKey& key);
  void erase_node(const base::NodeId& id);
  void erase_eval(const base::EvalId& id);
  void erase_alloc(const base::AllocId& id);
  void erase_deployment(const base::DeploymentId& id);
  void erase_service(const ServiceKey& key);
  void erase_scaling_policy(const std::string& id);
  void erase_node_pool(const std::string& name);
  void erase_namespace(const std::string& name);
  void erase_quota(const std::string& name);
  void erase_acl_policy(const std::string& name);
  void erase_acl_token(const base::Uuid& accessor);
  void erase_acl_role(const base::Uuid& id);
  void erase_auth_method(const std::string& name);
  void erase_binding_rule(const base::Uuid& id);
  void erase_root_key(const base::Uuid& id);
  void erase_variable(const model::VariableKey& key);
  void erase_restore_pieces();
  /// With all that is on it. The name is in small letters.
  void erase_catalog_node(const std::string& node);
  /// With its checks.
  void erase_catalog_service(const model::OnNode& key);
  void erase_catalog_check(const model::OnNode& key);
  void erase_kv(const std::string& key);
  void erase_session(const base::Uuid& id);
  void erase_prepared_query(const base::Uuid& id);
  void erase_coordinate(const std::string& node);
  void erase_lock_delay(const std::string& key);
  void erase_lock_delays_that_ended();
  void erase_config_entry(const model::ConfigKey& key);
  /// Everything there is gives way to `restored`, under an index above both of theirs.
  void replace_all(const Tables& restored);

  /// What all servers understand from here on.
  void set_log_version(wire::LogVersion version);

  /// The command changes nothing, and who proposed it is to know.
  void refuse();
  /// Who proposed the command is to know.
  void keep(TxnOutcome outcome);

  std::vector<std::string>& touched() { return touched_; }

 private:
  void touch(Table table);
  void touch(std::string key);
  /// Whether it was not touched before.
  bool touch_once(std::string key);
  void touch_prefix(const std::string& prefix);
  void touch_health(const std::string& service);
  void touch_services_on(const std::string& node);
  void touch_checked(const model::CatalogCheck& check);
  void forget_instance(const model::OnNode& key, const std::string& service);
  /// A deleted key leaves its index, so that no list goes back.
  void bury(const std::string& key);
  void unbury(const std::string& key);
  template <class T>
  std::uint64_t entry_hash(Table table, const T& value);
  template <class Key, class T>
  void replace(Table table, Tree<Key, Ref<T>>& map, const Key& key, Ref<T> value);
  template <class Key, class T>
  bool remove(Table table, Tree<Key, Ref<T>>& map, const Key& key);

  Tables& tables_;
  std::uint64_t index_;
  std::int64_t time_ns_;
  std::vector<std::string> touched_;
  std::array<bool, table_count> table_touched_{};
  std::unordered_set<std::string> touched_once_;  // a plan touches the same ones many times
  std::string encoded_;                           // of the entry that is hashed
};

class Store {
 public:
  Store();

  /// The newest published state. Any thread.
  Snapshot snapshot() const { return published_.load(std::memory_order_acquire); }

  /// Applies the log's entry at `log_index` and publishes the result; returns the watch keys it
  /// touched. Bytes that no version of ours wrote change nothing but the index. Precondition:
  /// `log_index` is above the last one.
  std::vector<std::string> apply(std::uint64_t log_index, std::string_view command);

  /// Reads a snapshot file's content in place of everything. Errors: invalid; the old state stays.
  base::Status restore(std::string_view dump);

 private:
  Tables tables_;
  std::atomic<Snapshot> published_;
};

/// One command onto the tables; split over apply_*.cpp, one file per noun.
void apply(Change& change, const wire::RegisterJob& c);
void apply(Change& change, const wire::SetLogVersion& c);
void apply(Change& change, const wire::ChangeCatalog& c);
void apply(Change& change, const wire::DeregisterJob& c);
void apply(Change& change, const wire::RegisterNode& c);
void apply(Change& change, const wire::UpdateNodeStatus& c);
void apply(Change& change, const wire::UpdateNodeEligibility& c);
void apply(Change& change, const wire::UpdateNodeDrain& c);
void apply(Change& change, const wire::UpdateAllocs& c);
void apply(Change& change, const wire::UpsertEvals& c);
void apply(Change& change, const wire::ApplyPlans& c);
void apply(Change& change, const wire::TransitionAllocs& c);
void apply(Change& change, const wire::UpdateDeployment& c);
void apply(Change& change, const wire::SetAllocServices& c);
void apply(Change& change, const wire::DeleteService& c);
void apply(Change& change, const wire::UpsertRootKey& c);
void apply(Change& change, const wire::Collect& c);
void apply(Change& change, const wire::PromoteDeployment& c);
void apply(Change& change, const wire::SetAllocHealth& c);
void apply(Change& change, const wire::SetJobStability& c);
void apply(Change& change, const wire::ScaleJob& c);
void apply(Change& change, const wire::SetSchedulerConfig& c);
void apply(Change& change, const wire::UpsertNodePools& c);
void apply(Change& change, const wire::DeleteNodePools& c);
void apply(Change& change, const wire::UpsertNamespaces& c);
void apply(Change& change, const wire::DeleteNamespaces& c);
void apply(Change& change, const wire::TagJobVersion& c);
void apply(Change& change, const wire::PurgeNodes& c);
void apply(Change& change, const wire::UpsertQuotas& c);
void apply(Change& change, const wire::DeleteQuotas& c);
void apply(Change& change, const wire::UpsertAclPolicies& c);
void apply(Change& change, const wire::DeleteAclPolicies& c);
void apply(Change& change, const wire::UpsertAclTokens& c);
void apply(Change& change, const wire::DeleteAclTokens& c);
void apply(Change& change, const wire::UpsertAclRoles& c);
void apply(Change& change, const wire::DeleteAclRoles& c);
void apply(Change& change, const wire::BootstrapAcl& c);
void apply(Change& change, const wire::UpsertAuthMethods& c);
void apply(Change& change, const wire::DeleteAuthMethods& c);
void apply(Change& change, const wire::UpsertBindingRules& c);
void apply(Change& change, const wire::DeleteBindingRules& c);
void apply(Change& change, const wire::PutVariable& c);
void apply(Change& change, const wire::DeleteVariable& c);
void apply(Change& change, const wire::UpsertJobRestart& c);
void apply(Change& change, const wire::SetAutopilotConfig& c);
void apply(Change& change, const wire::BringRestorePiece& c);
void apply(Change& change, const wire::RestoreState& c);
void apply(Change& change, const wire::DeleteRootKey& c);
void apply(Change& change, const wire::ResealVariables& c);
void apply(Change& change, const wire::ApplyKv& c);
void apply(Change& change, const wire::CreateSession& c);
void apply(Change& change, const wire::DestroySession& c);
void apply(Change& change, const wire::FireEvent& c);
void apply(Change& change, const wire::UpsertPreparedQuery& c);
void apply(Change& change, const wire::DeletePreparedQuery& c);
void apply(Change& change, const wire::UpdateCoordinates& c);
void apply(Change& change, const wire::ApplyTxn& c);
void apply(Change& change, const wire::PutConfigEntry& c);
void apply(Change& change, const wire::DeleteConfigEntry& c);
void apply(Change& change, const wire::SetConnectCa& c);
/// Not through here: what it carries may need the jobs of the tables to be read.
void apply(Change& change, const wire::ApplyOnce& c) = delete;

/// Steps that several commands share.
void upsert_evals(Change& change, const std::vector<model::Evaluation>& evals);
void put_alloc(Change& change, Ref<model::Allocation> before,
               model::Allocation alloc);  // with the summary
/// So many new allocations of the group are in the state, and no longer queued.
void count_new(Change& change, const base::JobId& job, const std::string& group,
               model::ClientStatus status, int count);
void update_deployment(Change& change, const wire::DeploymentUpdate& update);
/// Sets what is known of it, and remembers when that changed to or from unknown.
void set_client_status(const Change& change, model::Allocation& alloc, model::ClientStatus status);
/// The node is heard from again: what was unknown there is what it was last known to be, until the
/// node says otherwise.
void hear_again(Change& change, const base::NodeId& id);
/// Releases or deletes what it holds; nobody gets those locks before its delay is over.
void end_session(Change& change, const model::Session& session);
/// The node is gone, or one of its checks fails: the sessions that depend on that end. `check`: its
/// id, or "" for all sessions of the node.
void end_sessions(Change& change, const std::string& node, const std::string& check);
/// Takes the job away; its parent counts it as dead from now on.
void erase_job(Change& change, const base::JobId& id);
/// The policies that the job's groups have now, in place of those that `before` had.
void keep_policies(Change& change, const model::Job* before, const model::Job& job);
/// Derives pending, running or dead from allocations and evaluations, and stores it when it
/// changed.
void refresh_job_status(Change& change, const base::JobId& id);

/// Every entry, with lengths, in table order: the content of a snapshot file.
std::string dump(const Tables& tables);
/// Errors: invalid.
base::Result<std::unique_ptr<Tables>> load(std::string_view dump);

}  // namespace caravan::state
