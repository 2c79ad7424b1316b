// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/key.hpp"

namespace caravan::config {

struct TelemetryConfig {
  bool prometheus_metrics = false;
  bool disable_hostname = false, use_node_name = false;
  base::Duration collection_interval = 1s;
  base::Duration in_memory_collection_interval = 10s, in_memory_retention_period = 1min;
  bool publish_allocation_metrics = false, publish_node_metrics = false;
  bool include_alloc_metadata_in_metrics = false;
  std::vector<std::string> allowed_metadata_keys_in_metrics;
  bool filter_default = true;
  std::vector<std::string> prefix_filter;
  bool disable_dispatched_job_summary_metrics = false;
  std::string statsite_address, statsd_address, datadog_address;
  std::vector<std::string> datadog_tags;
};
template <class V>
void keys(V& v, TelemetryConfig& t) {
  v("prometheus_metrics", t.prometheus_metrics);
  v("disable_hostname", t.disable_hostname);
  v("use_node_name", t.use_node_name);
  v("collection_interval", t.collection_interval);
  v("in_memory_collection_interval", t.in_memory_collection_interval);
  v("in_memory_retention_period", t.in_memory_retention_period);
  v("publish_allocation_metrics", t.publish_allocation_metrics);
  v("publish_node_metrics", t.publish_node_metrics);
  v("include_alloc_metadata_in_metrics", t.include_alloc_metadata_in_metrics);
  v("allowed_metadata_keys_in_metrics", t.allowed_metadata_keys_in_metrics);
  v("filter_default", t.filter_default);
  v("prefix_filter", t.prefix_filter);
  v("disable_dispatched_job_summary_metrics", t.disable_dispatched_job_summary_metrics);
  v("statsite_address", t.statsite_address);
  v("statsd_address", t.statsd_address);
  v("datadog_address", t.datadog_address);
  v("datadog_tags", t.datadog_tags);
  for (const char* key :
       {"disable_tagged_metrics", "backwards_compatible_metrics", "disable_rpc_rate_metrics_labels",
        "disable_allocation_hook_metrics", "disable_quota_utilization_metrics",
        "circonus_api_token", "circonus_api_app", "circonus_api_url",
        "circonus_submission_interval", "circonus_submission_url", "circonus_check_id",
        "circonus_check_force_metric_activation", "circonus_check_instance_id",
        "circonus_check_search_tag", "circonus_check_tags", "circonus_check_display_name",
        "circonus_broker_id", "circonus_broker_select_tag"})
    v.any(key);
}

struct AutopilotConfig {
  bool cleanup_dead_servers = true;
  base::Duration last_contact_threshold = 200ms;
  int max_trailing_logs = 250;
  int min_quorum = 0;
  base::Duration server_stabilization_time = 10s;
};
template <class V>
void keys(V& v, AutopilotConfig& a) {
  v("cleanup_dead_servers", a.cleanup_dead_servers);
  v("last_contact_threshold", a.last_contact_threshold);
  v("max_trailing_logs", a.max_trailing_logs);
  v("min_quorum", a.min_quorum);
  v("server_stabilization_time", a.server_stabilization_time);
  for (const char* key :
       {"enable_redundancy_zones", "disable_upgrade_migration", "enable_custom_upgrades"})
    v.any(key);
}

}  // namespace caravan::config
