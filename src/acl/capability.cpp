// SPDX-License-Identifier: Apache-2.0
// The tables of the policy language. Source: the public documentation of ACL policies.
#include "acl/capability.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace caravan::acl {
namespace {

using enum Capability;

struct Row {
  Capability capability;
  Realm realm;
  std::string_view word;
};

constexpr Row rows[] = {
    {list_jobs, Realm::space, "list-jobs"},
    {parse_job, Realm::space, "parse-job"},
    {read_job, Realm::space, "read-job"},
    {submit_job, Realm::space, "submit-job"},
    {dispatch_job, Realm::space, "dispatch-job"},
    {read_logs, Realm::space, "read-logs"},
    {read_fs, Realm::space, "read-fs"},
    {alloc_exec, Realm::space, "alloc-exec"},
    {alloc_node_exec, Realm::space, "alloc-node-exec"},
    {alloc_lifecycle, Realm::space, "alloc-lifecycle"},
    {csi_register_plugin, Realm::space, "csi-register-plugin"},
    {csi_write_volume, Realm::space, "csi-write-volume"},
    {csi_read_volume, Realm::space, "csi-read-volume"},
    {csi_list_volume, Realm::space, "csi-list-volume"},
    {csi_mount_volume, Realm::space, "csi-mount-volume"},
    {list_scaling_policies, Realm::space, "list-scaling-policies"},
    {read_scaling_policy, Realm::space, "read-scaling-policy"},
    {read_job_scaling, Realm::space, "read-job-scaling"},
    {scale_job, Realm::space, "scale-job"},
    {submit_recommendation, Realm::space, "submit-recommendation"},
    {sentinel_override, Realm::space, "sentinel-override"},
    {host_volume_create, Realm::space, "host-volume-create"},
    {host_volume_register, Realm::space, "host-volume-register"},
    {host_volume_read, Realm::space, "host-volume-read"},
    {host_volume_write, Realm::space, "host-volume-write"},
    {host_volume_delete, Realm::space, "host-volume-delete"},
    {register_job, Realm::space, "register-job"},
    {revert_job, Realm::space, "revert-job"},
    {deregister_job, Realm::space, "deregister-job"},
    {purge_job, Realm::space, "purge-job"},
    {evaluate_job, Realm::space, "evaluate-job"},
    {plan_job, Realm::space, "plan-job"},
    {tag_job_version, Realm::space, "tag-job-version"},
    {stable_job, Realm::space, "stable-job"},
    {fail_deployment, Realm::space, "fail-deployment"},
    {pause_deployment, Realm::space, "pause-deployment"},
    {promote_deployment, Realm::space, "promote-deployment"},
    {unblock_deployment, Realm::space, "unblock-deployment"},
    {cancel_deployment, Realm::space, "cancel-deployment"},
    {set_alloc_health_deployment, Realm::space, "set-alloc-health-deployment"},
    {gc_allocation, Realm::space, "gc-allocation"},
    {pause_allocation, Realm::space, "pause-allocation"},
    {force_periodic_job, Realm::space, "force-periodic-job"},
    {delete_service_registration, Realm::space, "delete-service-registration"},
    {space_deny, Realm::space, "deny"},
    {variable_list, Realm::variable, "list"},
    {variable_read, Realm::variable, "read"},
    {variable_write, Realm::variable, "write"},
    {variable_destroy, Realm::variable, "destroy"},
    {variable_deny, Realm::variable, "deny"},
    {pool_read, Realm::node_pool, "read"},
    {pool_write, Realm::node_pool, "write"},
    {pool_delete, Realm::node_pool, "delete"},
    {pool_deny, Realm::node_pool, "deny"},
    {mount_readonly, Realm::host_volume, "mount-readonly"},
    {mount_readwrite, Realm::host_volume, "mount-readwrite"},
    {mount_deny, Realm::host_volume, "deny"},
    {agent_read, Realm::agent, "read"},
    {agent_write, Realm::agent, "write"},
    {agent_deny, Realm::agent, "deny"},
    {node_read, Realm::node, "read"},
    {node_write, Realm::node, "write"},
    {node_deny, Realm::node, "deny"},
    {operator_read, Realm::oper, "read"},
    {operator_write, Realm::oper, "write"},
    {snapshot_save, Realm::oper, "snapshot-save"},
    {license_read, Realm::oper, "license-read"},
    {keyring_read, Realm::oper, "keyring-read"},
    {keyring_rotate, Realm::oper, "keyring-rotate"},
    {keyring_delete, Realm::oper, "keyring-delete"},
    {operator_deny, Realm::oper, "deny"},
    {quota_read, Realm::quota, "read"},
    {quota_write, Realm::quota, "write"},
    {quota_deny, Realm::quota, "deny"},
    {plugin_list, Realm::plugin, "list"},
    {plugin_read, Realm::plugin, "read"},
    {plugin_deny, Realm::plugin, "deny"},
    {key_read, Realm::key, "read"},
    {key_list, Realm::key, "list"},
    {key_write, Realm::key, "write"},
    {key_deny, Realm::key, "deny"},
    {session_read, Realm::session, "read"},
    {session_write, Realm::session, "write"},
    {session_deny, Realm::session, "deny"},
    {service_read, Realm::service, "read"},
    {service_write, Realm::service, "write"},
    {service_deny, Realm::service, "deny"},
    {catalog_node_read, Realm::catalog_node, "read"},
    {catalog_node_write, Realm::catalog_node, "write"},
    {catalog_node_deny, Realm::catalog_node, "deny"},
    {catalog_agent_read, Realm::catalog_agent, "read"},
    {catalog_agent_write, Realm::catalog_agent, "write"},
    {catalog_agent_deny, Realm::catalog_agent, "deny"},
    {event_read, Realm::event, "read"},
    {event_write, Realm::event, "write"},
    {event_deny, Realm::event, "deny"},
    {query_read, Realm::query, "read"},
    {query_write, Realm::query, "write"},
    {query_deny, Realm::query, "deny"},
    {intention_read, Realm::intention, "read"},
    {intention_write, Realm::intention, "write"},
    {intention_deny, Realm::intention, "deny"},
    {see_namespace, Realm::none, "any capability of the namespace"},
    {find_service, Realm::none, "namespace:read-job, or a task of the namespace"},
    {anyone, Realm::none, "nothing"},
    {management, Realm::none, "management"},
};
static_assert(std::size(rows) == capability_count);

const Row& row_of(Capability capability) {
  const Row& row = rows[bit(capability)];
  ASSERT(row.capability == capability);
  return row;
}

constexpr std::string_view realm_names[] = {"namespace",
                                            "variables",
                                            "node_pool",
                                            "host_volume",
                                            "agent",
                                            "node",
                                            "operator",
                                            "quota",
                                            "plugin",
                                            "key",
                                            "session",
                                            "service",
                                            "node of the registry",
                                            "agent of the registry",
                                            "event",
                                            "query",
                                            "intentions of service",
                                            ""};

struct Coarse {
  Realm realm;
  std::string_view word;
  Capabilities grants;
};

const std::vector<Coarse>& coarse_rows() {
  static const std::vector<Coarse> table = {
      {Realm::space, "deny", set_of({space_deny})},
      {Realm::space, "read",
       set_of({list_jobs, parse_job, read_job, csi_list_volume, csi_read_volume, read_job_scaling,
               list_scaling_policies, read_scaling_policy, host_volume_read})},
      {Realm::space, "write",
       set_of({list_jobs,
               parse_job,
               read_job,
               csi_list_volume,
               csi_read_volume,
               read_job_scaling,
               host_volume_read,
               read_scaling_policy,
               list_scaling_policies,
               scale_job,
               submit_job,
               dispatch_job,
               read_logs,
               read_fs,
               alloc_exec,
               alloc_lifecycle,
               csi_mount_volume,
               csi_write_volume,
               host_volume_create,
               submit_recommendation})},
      {Realm::space, "scale",
       set_of({list_scaling_policies, read_scaling_policy, read_job_scaling, scale_job, read_job,
               submit_recommendation})},
      {Realm::node_pool, "deny", set_of({pool_deny})},
      {Realm::node_pool, "read", set_of({pool_read})},
      {Realm::node_pool, "write", set_of({pool_read, pool_write, pool_delete})},
      {Realm::host_volume, "deny", set_of({mount_deny})},
      {Realm::host_volume, "read", set_of({mount_readonly})},
      {Realm::host_volume, "write", set_of({mount_readonly, mount_readwrite})},
      {Realm::agent, "deny", set_of({agent_deny})},
      {Realm::agent, "read", set_of({agent_read})},
      {Realm::agent, "write", set_of({agent_read, agent_write})},
      {Realm::node, "deny", set_of({node_deny})},
      {Realm::node, "read", set_of({node_read})},
      {Realm::node, "write", set_of({node_read, node_write})},
      {Realm::oper, "deny", set_of({operator_deny})},
      {Realm::oper, "read", set_of({operator_read, license_read, keyring_read})},
      {Realm::oper, "write",
       set_of({operator_read, operator_write, snapshot_save, license_read, keyring_read,
               keyring_rotate, keyring_delete})},
      {Realm::quota, "deny", set_of({quota_deny})},
      {Realm::quota, "read", set_of({quota_read})},
      {Realm::quota, "write", set_of({quota_read, quota_write})},
      {Realm::plugin, "deny", set_of({plugin_deny})},
      {Realm::plugin, "list", set_of({plugin_list})},
      {Realm::plugin, "read", set_of({plugin_list, plugin_read})},
      {Realm::key, "deny", set_of({key_deny})},
      {Realm::key, "read", set_of({key_read})},
      {Realm::key, "list", set_of({key_read, key_list})},
      {Realm::key, "write", set_of({key_read, key_list, key_write})},
      {Realm::session, "deny", set_of({session_deny})},
      {Realm::session, "read", set_of({session_read})},
      {Realm::session, "write", set_of({session_read, session_write})},
      {Realm::service, "deny", set_of({service_deny})},
      {Realm::service, "read", set_of({service_read})},
      {Realm::service, "write", set_of({service_read, service_write})},
      {Realm::catalog_node, "deny", set_of({catalog_node_deny})},
      {Realm::catalog_node, "read", set_of({catalog_node_read})},
      {Realm::catalog_node, "write", set_of({catalog_node_read, catalog_node_write})},
      {Realm::catalog_agent, "deny", set_of({catalog_agent_deny})},
      {Realm::catalog_agent, "read", set_of({catalog_agent_read})},
      {Realm::catalog_agent, "write", set_of({catalog_agent_read, catalog_agent_write})},
      {Realm::event, "deny", set_of({event_deny})},
      {Realm::event, "read", set_of({event_read})},
      {Realm::event, "write", set_of({event_read, event_write})},
      {Realm::query, "deny", set_of({query_deny})},
      {Realm::query, "read", set_of({query_read})},
      {Realm::query, "write", set_of({query_read, query_write})},
      {Realm::intention, "deny", set_of({intention_deny})},
      {Realm::intention, "read", set_of({intention_read})},
      {Realm::intention, "write", set_of({intention_read, intention_write})},
  };
  return table;
}

}  // namespace

Capabilities set_of(std::initializer_list<Capability> list) {
  Capabilities set;
  for (const Capability each : list)
    set.set(bit(each));
  return set;
}

Realm realm_of(Capability capability) { return row_of(capability).realm; }
std::string_view word_of(Capability capability) { return row_of(capability).word; }

std::string capability_name(Capability capability) {
  const Row& row = row_of(capability);
  if (row.realm == Realm::none) return std::string(row.word);
  return std::string(realm_names[static_cast<std::size_t>(row.realm)]) + ":" +
         std::string(row.word);
}

std::optional<Capability> capability_named(std::string_view name) {
  for (const Row& row : rows)
    if (capability_name(row.capability) == name) return row.capability;
  return {};
}

std::optional<Capability> capability_of(Realm realm, std::string_view word) {
  for (const Row& row : rows)
    if (row.realm == realm && row.word == word) return row.capability;
  return {};
}

std::vector<std::string> words_of(Realm realm) {
  std::vector<std::string> words;
  for (const Row& row : rows)
    if (row.realm == realm) words.emplace_back(row.word);
  return words;
}

Capability deny_of(Realm realm) {
  const std::optional<Capability> deny = capability_of(realm, "deny");
  ASSERT(deny.has_value());
  return *deny;
}

std::optional<Capabilities> coarse(Realm realm, std::string_view word) {
  for (const Coarse& row : coarse_rows())
    if (row.realm == realm && row.word == word) return row.grants;
  return {};
}

std::vector<std::string> coarse_words(Realm realm) {
  std::vector<std::string> words;
  for (const Coarse& row : coarse_rows())
    if (row.realm == realm) words.emplace_back(row.word);
  return words;
}

Capabilities with_implied(Capabilities granted) {
  if (granted.test(bit(host_volume_write)))
    granted |=
        set_of({host_volume_register, host_volume_create, host_volume_delete, host_volume_read});
  if (granted.test(bit(host_volume_register))) granted |= set_of({host_volume_create});
  if (granted.test(bit(variable_read))) granted |= set_of({variable_list});
  return granted;
}

Capability broader(Capability capability) {
  switch (capability) {
    case parse_job:
    case scale_job:
    case register_job:
    case revert_job:
    case deregister_job:
    case purge_job:
    case evaluate_job:
    case plan_job:
    case tag_job_version:
    case stable_job:
    case fail_deployment:
    case pause_deployment:
    case promote_deployment:
    case unblock_deployment:
    case cancel_deployment:
    case set_alloc_health_deployment:
    case gc_allocation:
    case force_periodic_job:
    case delete_service_registration:
      return submit_job;
    case pause_allocation:
      return alloc_lifecycle;
    case read_job_scaling:
    case read_scaling_policy:
    case list_scaling_policies:
      return read_job;
    default:
      return capability;
  }
}

}  // namespace caravan::acl
