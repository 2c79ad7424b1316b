// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/verbs.hpp"

namespace caravan::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      agent_info_command(),
      alloc_exec_command(),
      alloc_fs_command(),
      alloc_logs_command(),
      alloc_restart_command(),
      alloc_signal_command(),
      alloc_status_command(),
      alloc_stop_command(),
      alloc_why_command(),
      config_validate_command(),
      deployment_fail_command(),
      deployment_list_command(),
      deployment_pause_command(),
      deployment_promote_command(),
      deployment_resume_command(),
      deployment_status_command(),
      eval_delete_command(),
      eval_list_command(),
      eval_status_command(),
      eval_why_command(),
      job_allocs_command(),
      job_deployments_command(),
      job_dispatch_command(),
      job_eval_command(),
      job_history_command(),
      job_init_command(),
      job_inspect_command(),
      job_periodic_force_command(),
      job_plan_command(),
      job_promote_command(),
      job_revert_command(),
      job_run_command(),
      job_scale_command(),
      job_scaling_events_command(),
      job_status_command(),
      job_stop_command(),
      job_tag_apply_command(),
      job_tag_unset_command(),
      job_validate_command(),
      namespace_apply_command(),
      namespace_delete_command(),
      namespace_inspect_command(),
      namespace_list_command(),
      namespace_status_command(),
      node_drain_command(),
      node_eligibility_command(),
      node_pool_apply_command(),
      node_pool_delete_command(),
      node_pool_info_command(),
      node_pool_init_command(),
      node_pool_jobs_command(),
      node_pool_list_command(),
      node_pool_nodes_command(),
      node_status_command(),
      operator_api_command(),
      operator_autopilot_get_config_command(),
      operator_autopilot_health_command(),
      operator_raft_list_peers_command(),
      operator_raft_remove_peer_command(),
      operator_raft_transfer_leadership_command(),
      operator_replay_command(),
      operator_scheduler_get_config_command(),
      operator_scheduler_set_config_command(),
      quota_apply_command(),
      quota_delete_command(),
      quota_init_command(),
      quota_inspect_command(),
      quota_list_command(),
      quota_status_command(),
      scaling_policy_info_command(),
      scaling_policy_list_command(),
      server_force_leave_command(),
      server_join_command(),
      server_members_command(),
      service_delete_command(),
      service_info_command(),
      service_list_command(),
      status_command(),
      system_gc_command(),
      tls_ca_create_command(),
      tls_ca_info_command(),
      tls_cert_create_command(),
      tls_cert_info_command(),
      version_command(),
  };
  return table;
}

const Command* find_command(std::string_view name) {
  const auto named = [&](const Command& command) {
    return command.name == name || (!command.alias.empty() && command.alias == name);
  };
  const auto found = std::ranges::find_if(commands(), named);
  return found == commands().end() ? nullptr : &*found;
}

}  // namespace caravan::cli
