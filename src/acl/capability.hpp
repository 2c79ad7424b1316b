// SPDX-License-Identifier: Apache-2.0
// What one can be allowed to do, under the public names of the policy language. A policy grants
// capabilities; a route needs one.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caravan::acl {

/// What a capability is granted on.
enum class Realm {
  space,
  variable,
  node_pool,
  host_volume,
  agent,
  node,
  oper,
  quota,
  plugin,
  key,
  session,
  service,
  catalog_node,
  catalog_agent,
  event,
  query,
  intention,
  none
};

enum class Capability : std::uint8_t {
  // In a namespace.
  list_jobs,
  parse_job,
  read_job,
  submit_job,
  dispatch_job,
  read_logs,
  read_fs,
  alloc_exec,
  alloc_node_exec,
  alloc_lifecycle,
  csi_register_plugin,
  csi_write_volume,
  csi_read_volume,
  csi_list_volume,
  csi_mount_volume,
  list_scaling_policies,
  read_scaling_policy,
  read_job_scaling,
  scale_job,
  submit_recommendation,
  sentinel_override,
  host_volume_create,
  host_volume_register,
  host_volume_read,
  host_volume_write,
  host_volume_delete,
  register_job,
  revert_job,
  deregister_job,
  purge_job,
  evaluate_job,
  plan_job,
  tag_job_version,
  stable_job,
  fail_deployment,
  pause_deployment,
  promote_deployment,
  unblock_deployment,
  cancel_deployment,
  set_alloc_health_deployment,
  gc_allocation,
  pause_allocation,
  force_periodic_job,
  delete_service_registration,
  space_deny,
  // On the path of a variable.
  variable_list,
  variable_read,
  variable_write,
  variable_destroy,
  variable_deny,
  // On a pool of nodes, or a volume of hosts.
  pool_read,
  pool_write,
  pool_delete,
  pool_deny,
  mount_readonly,
  mount_readwrite,
  mount_deny,
  // On the cluster as a whole.
  agent_read,
  agent_write,
  agent_deny,
  node_read,
  node_write,
  node_deny,
  operator_read,
  operator_write,
  snapshot_save,
  license_read,
  keyring_read,
  keyring_rotate,
  keyring_delete,
  operator_deny,
  quota_read,
  quota_write,
  quota_deny,
  plugin_list,
  plugin_read,
  plugin_deny,
  // On a key of the key-value store, or the sessions of a node.
  key_read,
  key_list,
  key_write,
  key_deny,
  session_read,
  session_write,
  session_deny,
  // On a service of the registry, or on a node there.
  service_read,
  service_write,
  service_deny,
  catalog_node_read,
  catalog_node_write,
  catalog_node_deny,
  // On an agent of the registry, on events, and on prepared queries, by name.
  catalog_agent_read,
  catalog_agent_write,
  catalog_agent_deny,
  event_read,
  event_write,
  event_deny,
  query_read,
  query_write,
  query_deny,
  // On who may connect to a service of the registry.
  intention_read,
  intention_write,
  intention_deny,
  // What no policy grants.
  see_namespace,  // whoever may do anything in it
  find_service,   // whoever may read its jobs, and its own tasks
  anyone,         // also without a token
  management,     // tokens of that type
};
inline constexpr std::size_t capability_count =
    static_cast<std::size_t>(Capability::management) + 1;
using Capabilities = std::bitset<capability_count>;

constexpr std::size_t bit(Capability capability) { return static_cast<std::size_t>(capability); }
Capabilities set_of(std::initializer_list<Capability> list);

Realm realm_of(Capability capability);
/// As a policy writes it within its block: "read-job".
std::string_view word_of(Capability capability);
/// As the documentation names what a request needs: "namespace:read-job", "node:write".
std::string capability_name(Capability capability);
/// The other way round; nothing when no capability has that name.
std::optional<Capability> capability_named(std::string_view name);
/// Of the word in a block; nothing when the block knows no such word.
std::optional<Capability> capability_of(Realm realm, std::string_view word);
std::vector<std::string> words_of(Realm realm);

/// That which `deny` grants in a block: it overrides everything beside it.
Capability deny_of(Realm realm);
/// What a `policy = "…"` stands for; nothing when the block knows no such word.
std::optional<Capabilities> coarse(Realm realm, std::string_view word);
std::vector<std::string> coarse_words(Realm realm);
/// What granted capabilities bring with them: `write` of a variable's path … see the table.
Capabilities with_implied(Capabilities granted);
/// The broader capability that also opens what needs this one: submit-job for purge-job. Itself
/// when there is none.
Capability broader(Capability capability);

}  // namespace caravan::acl
