// SPDX-License-Identifier: Apache-2.0
// Every verb gives its row of the command table here; its file has its name.
#pragma once

#include "cli/command.hpp"

namespace caravan::cli {

Command acl_bootstrap_command();
Command acl_policy_apply_command();
Command acl_policy_delete_command();
Command acl_policy_info_command();
Command acl_policy_list_command();
Command acl_policy_self_command();
Command acl_role_create_command();
Command acl_role_delete_command();
Command acl_role_info_command();
Command acl_role_list_command();
Command acl_role_update_command();
Command acl_token_create_command();
Command acl_token_delete_command();
Command acl_token_info_command();
Command acl_token_list_command();
Command acl_token_self_command();
Command acl_token_update_command();
Command agent_info_command();
Command alloc_exec_command();
Command alloc_fs_command();
Command alloc_logs_command();
Command alloc_restart_command();
Command alloc_signal_command();
Command alloc_status_command();
Command alloc_stop_command();
Command alloc_why_command();
Command config_validate_command();
Command deployment_fail_command();
Command deployment_list_command();
Command deployment_pause_command();
Command deployment_promote_command();
Command deployment_resume_command();
Command deployment_status_command();
Command eval_delete_command();
Command eval_list_command();
Command eval_status_command();
Command eval_why_command();
Command job_allocs_command();
Command job_deployments_command();
Command job_dispatch_command();
Command job_eval_command();
Command job_history_command();
Command job_init_command();
Command job_inspect_command();
Command job_periodic_force_command();
Command job_plan_command();
Command job_promote_command();
Command job_restart_command();
Command job_revert_command();
Command job_run_command();
Command job_scale_command();
Command job_scaling_events_command();
Command job_status_command();
Command job_stop_command();
Command job_tag_apply_command();
Command job_tag_unset_command();
Command job_validate_command();
Command namespace_apply_command();
Command namespace_delete_command();
Command namespace_inspect_command();
Command namespace_list_command();
Command namespace_status_command();
Command node_drain_command();
Command node_eligibility_command();
Command node_pool_apply_command();
Command node_pool_delete_command();
Command node_pool_info_command();
Command node_pool_init_command();
Command node_pool_jobs_command();
Command node_pool_list_command();
Command node_pool_nodes_command();
Command node_status_command();
Command operator_api_command();
Command operator_replay_command();
Command operator_autopilot_get_config_command();
Command operator_autopilot_health_command();
Command operator_raft_list_peers_command();
Command operator_raft_remove_peer_command();
Command operator_raft_transfer_leadership_command();
Command operator_scheduler_get_config_command();
Command operator_scheduler_set_config_command();
Command quota_apply_command();
Command quota_delete_command();
Command quota_init_command();
Command quota_inspect_command();
Command quota_list_command();
Command quota_status_command();
Command scaling_policy_info_command();
Command scaling_policy_list_command();
Command server_force_leave_command();
Command server_join_command();
Command server_members_command();
Command service_delete_command();
Command service_info_command();
Command service_list_command();
Command status_command();
Command system_gc_command();
Command tls_ca_create_command();
Command tls_ca_info_command();
Command tls_cert_create_command();
Command tls_cert_info_command();
Command var_get_command();
Command var_init_command();
Command var_list_command();
Command var_lock_command();
Command var_purge_command();
Command var_put_command();
Command version_command();

/// What others show too.
int run_certificate_info(Context& context);
int show_alloc(Context& context, const std::string& id);
int show_deployment(Context& context, const json::Value& found);
int show_eval(Context& context, const std::string& id);
int show_job(Context& context, const json::Value& found);
int show_node(Context& context, const std::string& id);
int list_jobs(Context& context);

}  // namespace caravan::cli
