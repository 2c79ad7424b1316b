// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/key.hpp"

namespace caravan::config {

struct JoinConfig {
  std::vector<std::string> retry_join, start_join;
  int retry_max = 0;  // 0: for ever
  base::Duration retry_interval = 30s;
};
template <class V>
void keys(V& v, JoinConfig& j) {
  v.append("retry_join", j.retry_join);
  v.append("start_join", j.start_join);
  v("retry_max", j.retry_max);
  v("retry_interval", j.retry_interval);
}

struct PlanRejectionTracker {
  bool enabled = false;
  int node_threshold = 100;
  base::Duration node_window = 5min;
};
template <class V>
void keys(V& v, PlanRejectionTracker& p) {
  v("enabled", p.enabled);
  v("node_threshold", p.node_threshold);
  v("node_window", p.node_window);
}

struct SearchConfig {
  bool fuzzy_enabled = true;
  int limit_query = 20;
  int limit_results = 100;
  int min_term_length = 2;
};
template <class V>
void keys(V& v, SearchConfig& s) {
  v("fuzzy_enabled", s.fuzzy_enabled);
  v("limit_query", s.limit_query);
  v("limit_results", s.limit_results);
  v("min_term_length", s.min_term_length);
}

struct ClientIntroduction {
  std::string enforcement = "warn";  // none, warn, strict
  base::Duration default_identity_ttl = 5min;
  base::Duration max_identity_ttl = 30min;
};
template <class V>
void keys(V& v, ClientIntroduction& c) {
  v("enforcement", c.enforcement);
  v("default_identity_ttl", c.default_identity_ttl);
  v("max_identity_ttl", c.max_identity_ttl);
}

struct ServerConfig {
  bool enabled = false;
  int bootstrap_expect = 0;
  std::string data_dir, authoritative_region, encrypt;
  JoinConfig server_join;
  bool rejoin_after_leave = false;
  int raft_multiplier = 1;
  std::int64_t raft_snapshot_threshold = 8192;
  base::Duration raft_snapshot_interval = 120s;
  std::int64_t raft_trailing_logs = 10240;
  int num_schedulers = -1;  // -1: one per processor
  std::vector<std::string> enabled_schedulers;
  base::Duration node_gc_threshold = 24h, job_gc_interval = 5min, job_gc_threshold = 4h;
  base::Duration eval_gc_threshold = 1h, batch_eval_gc_threshold = 24h;
  base::Duration deployment_gc_threshold = 1h, acl_token_gc_threshold = 1h;
  base::Duration csi_volume_claim_gc_interval = 5min, csi_volume_claim_gc_threshold = 5min;
  base::Duration csi_plugin_gc_threshold = 1h;
  base::Duration root_key_gc_interval = 10min, root_key_gc_threshold = 1h;
  base::Duration root_key_rotation_threshold = 720h;
  base::Duration heartbeat_grace = 10s, min_heartbeat_ttl = 10s, failover_heartbeat_ttl = 5min;
  double max_heartbeats_per_second = 50;
  bool enable_event_broker = true;
  int event_buffer_size = 100;
  double deploy_query_rate_limit = 100;
  PlanRejectionTracker plan_rejection_tracker;
  int plan_apply_pipeline = 1;
  SearchConfig search;
  json::Value default_scheduler_config;  // used once, at the first bootstrap
  int job_default_priority = 50;
  int job_max_priority = 100;
  int job_max_count = 50'000;
  Bytes job_max_source_size{1'000'000};
  int job_tracked_versions = 6;
  std::string oidc_issuer;
  base::Duration start_timeout = 30s;
  ClientIntroduction client_introduction;
};
template <class V>
void keys(V& v, ServerConfig& s) {
  v("enabled", s.enabled);
  v("bootstrap_expect", s.bootstrap_expect);
  v("data_dir", s.data_dir);
  v("authoritative_region", s.authoritative_region);
  v("encrypt", s.encrypt);
  v("server_join", s.server_join);
  v("rejoin_after_leave", s.rejoin_after_leave);
  v("raft_multiplier", s.raft_multiplier);
  v("raft_snapshot_threshold", s.raft_snapshot_threshold);
  v("raft_snapshot_interval", s.raft_snapshot_interval);
  v("raft_trailing_logs", s.raft_trailing_logs);
  v("num_schedulers", s.num_schedulers);
  v("enabled_schedulers", s.enabled_schedulers);
  v("node_gc_threshold", s.node_gc_threshold);
  v("job_gc_interval", s.job_gc_interval);
  v("job_gc_threshold", s.job_gc_threshold);
  v("eval_gc_threshold", s.eval_gc_threshold);
  v("batch_eval_gc_threshold", s.batch_eval_gc_threshold);
  v("deployment_gc_threshold", s.deployment_gc_threshold);
  v("acl_token_gc_threshold", s.acl_token_gc_threshold);
  v("csi_volume_claim_gc_interval", s.csi_volume_claim_gc_interval);
  v("csi_volume_claim_gc_threshold", s.csi_volume_claim_gc_threshold);
  v("csi_plugin_gc_threshold", s.csi_plugin_gc_threshold);
  v("root_key_gc_interval", s.root_key_gc_interval);
  v("root_key_gc_threshold", s.root_key_gc_threshold);
  v("root_key_rotation_threshold", s.root_key_rotation_threshold);
  v("heartbeat_grace", s.heartbeat_grace);
  v("min_heartbeat_ttl", s.min_heartbeat_ttl);
  v("failover_heartbeat_ttl", s.failover_heartbeat_ttl);
  v("max_heartbeats_per_second", s.max_heartbeats_per_second);
  v("enable_event_broker", s.enable_event_broker);
  v("event_buffer_size", s.event_buffer_size);
  v("deploy_query_rate_limit", s.deploy_query_rate_limit);
  v("plan_rejection_tracker", s.plan_rejection_tracker);
  v("plan_apply_pipeline", s.plan_apply_pipeline);
  v("search", s.search);
  v("default_scheduler_config", s.default_scheduler_config);
  v("job_default_priority", s.job_default_priority);
  v("job_max_priority", s.job_max_priority);
  v("job_max_count", s.job_max_count);
  v("job_max_source_size", s.job_max_source_size);
  v("job_tracked_versions", s.job_tracked_versions);
  v("oidc_issuer", s.oidc_issuer);
  v("start_timeout", s.start_timeout);
  v("client_introduction", s.client_introduction);
  v.append("retry_join", s.server_join.retry_join);
  v.append("start_join", s.server_join.start_join);
  v("retry_max", s.server_join.retry_max);
  v("retry_interval", s.server_join.retry_interval);
  for (const char* key :
       {"raft_protocol", "raft_logstore", "raft_boltdb", "protocol_version", "license_path",
        "license_env", "redundancy_zone", "non_voting_server", "upgrade_version"})
    v.any(key);
}

}  // namespace caravan::config
