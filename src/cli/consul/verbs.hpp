// SPDX-License-Identifier: Apache-2.0
// Every verb of the registry's command line gives its row of the table here; its file has its name.
#pragma once

#include "cli/command.hpp"

namespace caravan::cli::consul {

Command acl_bootstrap_command();
Command acl_auth_method_create_command();
Command acl_auth_method_delete_command();
Command acl_auth_method_list_command();
Command acl_auth_method_read_command();
Command acl_auth_method_update_command();
Command acl_binding_rule_create_command();
Command acl_binding_rule_delete_command();
Command acl_binding_rule_list_command();
Command acl_binding_rule_read_command();
Command acl_binding_rule_update_command();
Command acl_policy_create_command();
Command acl_policy_delete_command();
Command acl_policy_list_command();
Command acl_policy_read_command();
Command acl_policy_update_command();
Command acl_role_create_command();
Command acl_role_delete_command();
Command acl_role_list_command();
Command acl_role_read_command();
Command acl_role_update_command();
Command acl_set_agent_token_command();
Command acl_token_clone_command();
Command acl_token_create_command();
Command acl_token_delete_command();
Command acl_token_list_command();
Command acl_token_read_command();
Command acl_token_update_command();
Command catalog_datacenters_command();
Command catalog_nodes_command();
Command catalog_services_command();
Command event_command();
Command config_delete_command();
Command config_list_command();
Command config_read_command();
Command config_write_command();
Command connect_ca_get_config_command();
Command connect_ca_set_config_command();
Command force_leave_command();
Command info_command();
Command intention_check_command();
Command intention_create_command();
Command intention_delete_command();
Command intention_get_command();
Command intention_list_command();
Command intention_match_command();
Command join_command();
Command keygen_command();
Command keyring_command();
Command kv_delete_command();
Command kv_export_command();
Command kv_get_command();
Command kv_import_command();
Command kv_put_command();
Command leave_command();
Command lock_command();
Command login_command();
Command logout_command();
Command maint_command();
Command members_command();
Command monitor_command();
Command operator_autopilot_get_config_command();
Command operator_autopilot_state_command();
Command operator_raft_list_peers_command();
Command operator_raft_remove_peer_command();
Command operator_raft_transfer_leader_command();
Command reload_command();
Command rtt_command();
Command services_deregister_command();
Command services_register_command();
Command snapshot_inspect_command();
Command snapshot_restore_command();
Command snapshot_save_command();
Command tls_ca_create_command();
Command tls_cert_create_command();
Command version_command();
Command watch_command();

}  // namespace caravan::cli::consul
