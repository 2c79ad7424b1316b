// SPDX-License-Identifier: Apache-2.0
// A server: its share of the log, the state, and, while it leads, the reconcilers that keep the
// cluster in line with what is wanted. This file only builds the parts in order and starts and
// stops the leader's ones; what they do stands in their own files.
#pragma once

#include <memory>

#include "consensus/replica.hpp"
#include "server/access.hpp"
#include "server/auth_methods.hpp"
#include "server/backups.hpp"
#include "server/collector.hpp"
#include "server/config_entries.hpp"
#include "server/connect.hpp"
#include "server/coordinates.hpp"
#include "server/deployment_actions.hpp"
#include "server/deployments.hpp"
#include "server/dispatches.hpp"
#include "server/drainer.hpp"
#include "server/evaluations.hpp"
#include "server/globals.hpp"
#include "server/jobs.hpp"
#include "server/keys.hpp"
#include "server/introductions.hpp"
#include "server/kv.hpp"
#include "server/log_upgrade.hpp"
#include "server/logins.hpp"
#include "server/machine.hpp"
#include "server/node_calls.hpp"
#include "server/operator.hpp"
#include "server/prepared_queries.hpp"
#include "server/registrations.hpp"
#include "server/periodic.hpp"
#include "server/rekeying.hpp"
#include "server/replication.hpp"
#include "server/restarts.hpp"
#include "server/scaling.hpp"
#include "server/sessions.hpp"
#include "server/user_events.hpp"
#include "server/variables.hpp"

namespace caravan::server {

struct ServerConfig {
  std::string data_dir;
  std::size_t schedulers = 1;
  HeartbeatConfig heartbeat;
  CollectorConfig collector;
  KeysConfig keys;
  keyring::Issuer issuer;
  std::string datacenter = "dc1";  // of the registry
  EventLogConfig events;
  AccessConfig access;
  IntroductionsConfig introductions;
  ReplicationConfig replication;
  /// What a new cluster begins with; operators change it later.
  std::optional<model::SchedulerConfig> scheduler_defaults;
  std::optional<model::AutopilotConfig> autopilot_defaults;
  /// Of the log; less than what this program knows only where that is to be tried out.
  wire::LogVersion log_version = wire::log_version;
  KnownByAll log_known_by_all;       // nobody: this server is the only one
  consensus::ReplicaConfig replica;  // id, voters and limits; the folder comes from data_dir
};

class Server {
 public:
  /// References outlive it.
  Server(io::World& world, ServerConfig config, consensus::Peers& peers, io::Logger log);
  ~Server();

  /// Recovers from disk and takes part. Errors: as Replica::start.
  io::Task<base::Status> start();
  /// The same, where it was found out only now who votes in a new cluster; nobody: it joins one.
  io::Task<base::Status> start(std::vector<consensus::ServerId> voters);
  io::Task<void> stop();
  /// Whether start() failed because what lies on the disk is not what was written there.
  bool refused_its_data() const { return refused_its_data_; }
  /// Returns when this server cannot go on; the process has to end.
  io::Task<base::Error> failure() { return replica_.failure(); }

  state::Store& store() { return store_; }
  Watches& watches() { return watches_; }
  Proposals& proposals() { return proposals_; }
  Jobs& jobs() { return jobs_; }
  Scaling& scaling() { return scaling_; }
  Operator& operators() { return operator_; }
  Access& access() { return access_; }
  AuthMethods& auth_methods() { return auth_methods_; }
  Logins& logins() { return logins_; }
  const EventLog& events() const { return events_; }
  DeploymentActions& deployment_actions() { return deployment_actions_; }
  Nodes& nodes() { return nodes_; }
  Collector& collector() { return collector_; }
  Periodic& periodic() { return periodic_; }
  Dispatches& dispatches() { return dispatches_; }
  Keys& keys() { return keys_; }
  Backups& backups() { return backups_; }
  const Introductions& introductions() const { return introductions_; }
  Variables& variables() { return variables_; }
  Kv& kv() { return kv_; }
  ConfigEntries& config_entries() { return config_entries_; }
  Connect& connect() { return connect_; }
  Sessions& sessions() { return sessions_; }
  UserEvents& user_events() { return user_events_; }
  PreparedQueries& prepared_queries() { return prepared_queries_; }
  Coordinates& coordinates() { return coordinates_; }
  Registrations& registrations() { return registrations_; }
  NodeCalls& node_calls() { return node_calls_; }
  Drainer& drainer() { return drainer_; }
  Restarts& restarts() { return restarts_; }
  const Globals& globals() const { return globals_; }
  const Evaluations& evaluations() const { return evaluations_; }
  consensus::Replica& replica() { return replica_; }
  const consensus::Replica& replica() const { return replica_; }
  /// What those who take part in the log from here on have to know; main lane.
  wire::LogVersion log_version_needed() const { return log_upgrade_.needed(); }
  /// Leading, and with its reconcilers running.
  bool is_leading() const { return leading_; }

 private:
  io::Task<void> follow_leadership();
  io::Task<void> begin_leading();
  io::Task<void> end_leading();
  io::Task<void> set_defaults();

  io::World& world_;
  io::Logger log_;
  state::Store store_;
  Watches watches_;
  EventLog events_;
  Machine machine_;
  consensus::Replica replica_;
  Proposals proposals_;
  LogUpgrade log_upgrade_;
  Fleets fleets_;
  Jobs jobs_;
  Scaling scaling_;
  Operator operator_;
  Access access_;
  AuthMethods auth_methods_;
  DeploymentActions deployment_actions_;
  Nodes nodes_;
  Evaluations evaluations_;
  Deployments deployments_;
  Periodic periodic_;
  Dispatches dispatches_;
  Collector collector_;
  Keys keys_;
  Logins logins_;
  Backups backups_;
  Variables variables_;
  Kv kv_;
  ConfigEntries config_entries_;
  Sessions sessions_;
  UserEvents user_events_;
  PreparedQueries prepared_queries_;
  Coordinates coordinates_;
  Registrations registrations_;
  Connect connect_;
  Rekeying rekeying_;
  TaskData task_data_;
  Identities identities_;
  Introductions introductions_;
  NodeCalls node_calls_;
  Drainer drainer_;
  Restarts restarts_;
  Globals globals_;
  Replication replication_;
  const std::optional<model::SchedulerConfig> scheduler_defaults_;
  const std::optional<model::AutopilotConfig> autopilot_defaults_;
  std::unique_ptr<io::TaskGroup> tasks_;
  bool leading_ = false, refused_its_data_ = false;
  bool begins_anew_ = false;  // another state was restored: what the reconcilers know is of before
  io::Event restored_;
};

}  // namespace caravan::server
