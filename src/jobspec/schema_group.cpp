// SPDX-License-Identifier: Apache-2.0
// `group` and what groups share with jobs and tasks.
#include "jobspec/schema.hpp"
#include "jobspec/sugar.hpp"

namespace caravan::jobspec {
namespace {

constexpr AttributeRow constraint_attributes[] = {
    {"attribute", "LTarget"},
    {"value", "RTarget"},
    {"operator", "Operand"},
    // Shorthands: the name is the operator.
    {"distinct_hosts", "distinct_hosts", Kind::boolean},
    {"distinct_property", "distinct_property"},
    {"regexp", "regexp"},
    {"version", "version"},
    {"semver", "semver"},
    {"set_contains", "set_contains"},
    {"set_contains_all", "set_contains_all"},
    {"set_contains_any", "set_contains_any"},
};

constexpr AttributeRow affinity_attributes[] = {
    {"attribute", "LTarget"},
    {"value", "RTarget"},
    {"operator", "Operand"},
    {"weight", "Weight", Kind::whole},
    {"regexp", "regexp"},
    {"version", "version"},
    {"semver", "semver"},
    {"set_contains", "set_contains"},
    {"set_contains_all", "set_contains_all"},
    {"set_contains_any", "set_contains_any"},
};

constexpr AttributeRow target_attributes[] = {{"percent", "Percent", Kind::whole}};
constinit const Schema target_schema = {target_attributes, {}};
constexpr AttributeRow spread_attributes[] = {
    {"attribute", "Attribute"},
    {"weight", "Weight", Kind::whole},
};
const BlockRow spread_blocks[] = {
    {"target", "SpreadTarget", Shape::labelled_list, &target_schema, "Value"},
};

constexpr AttributeRow restart_attributes[] = {
    {"attempts", "Attempts", Kind::whole},
    {"interval", "Interval", Kind::duration},
    {"delay", "Delay", Kind::duration},
    {"mode", "Mode"},
    {"render_templates", "RenderTemplates", Kind::boolean},
};

constexpr AttributeRow reschedule_attributes[] = {
    {"attempts", "Attempts", Kind::whole},     {"interval", "Interval", Kind::duration},
    {"delay", "Delay", Kind::duration},        {"delay_function", "DelayFunction"},
    {"max_delay", "MaxDelay", Kind::duration}, {"unlimited", "Unlimited", Kind::boolean},
};

constexpr AttributeRow update_attributes[] = {
    {"stagger", "Stagger", Kind::duration},
    {"max_parallel", "MaxParallel", Kind::whole},
    {"health_check", "HealthCheck"},
    {"min_healthy_time", "MinHealthyTime", Kind::duration},
    {"healthy_deadline", "HealthyDeadline", Kind::duration},
    {"progress_deadline", "ProgressDeadline", Kind::duration},
    {"canary", "Canary", Kind::whole},
    {"auto_revert", "AutoRevert", Kind::boolean},
    {"auto_promote", "AutoPromote", Kind::boolean},
    {"change_mode", "ChangeMode"},
    {"change_signal", "ChangeSignal"},
};

constexpr AttributeRow migrate_attributes[] = {
    {"max_parallel", "MaxParallel", Kind::whole},
    {"health_check", "HealthCheck"},
    {"min_healthy_time", "MinHealthyTime", Kind::duration},
    {"healthy_deadline", "HealthyDeadline", Kind::duration},
};

constexpr AttributeRow disconnect_attributes[] = {
    {"lost_after", "LostAfter", Kind::duration},
    {"stop_on_client_after", "StopOnClientAfter", Kind::duration},
    {"replace", "Replace", Kind::boolean},
    {"reconcile", "Reconcile"},
};
constinit const Schema disconnect_schema = {disconnect_attributes, {}};

constexpr AttributeRow ephemeral_disk_attributes[] = {
    {"sticky", "Sticky", Kind::boolean},
    {"migrate", "Migrate", Kind::boolean},
    {"size", "SizeMB", Kind::whole},
};
constinit const Schema ephemeral_disk_schema = {ephemeral_disk_attributes, {}};

constexpr AttributeRow port_attributes[] = {
    {"static", "Value", Kind::whole},
    {"to", "To", Kind::whole},
    {"host_network", "HostNetwork"},
    {"ignore_collision", "IgnoreCollision", Kind::boolean},
};
constinit const Schema port_schema = {port_attributes, {}};
constexpr AttributeRow dns_attributes[] = {
    {"servers", "Servers", Kind::texts},
    {"searches", "Searches", Kind::texts},
    {"options", "Options", Kind::texts},
};
constinit const Schema dns_schema = {dns_attributes, {}};
const BlockRow cni_blocks[] = {{"args", "Args", Shape::text_map}};
constinit const Schema cni_schema = {{}, cni_blocks};
constexpr AttributeRow network_attributes[] = {
    {"mode", "Mode"}, {"device", "Device"},     {"cidr", "CIDR"},
    {"ip", "IP"},     {"hostname", "Hostname"}, {"mbits", "MBits", Kind::whole},
};
const BlockRow network_blocks[] = {
    {"port", "port", Shape::labelled_list, &port_schema, "Label"},
    {"dns", "DNS", Shape::object, &dns_schema},
    {"cni", "CNI", Shape::object, &cni_schema},
};

constexpr AttributeRow mount_options_attributes[] = {
    {"fs_type", "FSType"},
    {"mount_flags", "MountFlags", Kind::texts},
};
constinit const Schema mount_options_schema = {mount_options_attributes, {}};
constexpr AttributeRow volume_attributes[] = {
    {"type", "Type"},
    {"source", "Source"},
    {"read_only", "ReadOnly", Kind::boolean},
    {"sticky", "Sticky", Kind::boolean},
    {"access_mode", "AccessMode"},
    {"attachment_mode", "AttachmentMode"},
    {"per_alloc", "PerAlloc", Kind::boolean},
};
const BlockRow volume_blocks[] = {
    {"mount_options", "MountOptions", Shape::object, &mount_options_schema},
};
constinit const Schema volume_schema = {volume_attributes, volume_blocks};

constexpr AttributeRow scaling_attributes[] = {
    {"enabled", "Enabled", Kind::boolean},
    {"min", "Min", Kind::whole},
    {"max", "Max", Kind::whole},
    {"type", "Type"},
};
const BlockRow scaling_blocks[] = {{"policy", "Policy", Shape::free_form}};
constinit const Schema scaling_schema = {scaling_attributes, scaling_blocks, finish_group_scaling};

constexpr AttributeRow consul_attributes[] = {
    {"namespace", "Namespace"},
    {"cluster", "Cluster"},
    {"partition", "Partition"},
};

constexpr AttributeRow group_attributes[] = {
    {"count", "Count", Kind::whole},
    {"shutdown_delay", "ShutdownDelay", Kind::duration},
    {"max_run_duration", "MaxRunDuration", Kind::duration},
    {"depends_on", "DependsOn", Kind::texts},
    {"stop_after_client_disconnect", "StopAfterClientDisconnect", Kind::duration},
    {"max_client_disconnect", "MaxClientDisconnect", Kind::duration},
    {"prevent_reschedule_on_lost", "PreventRescheduleOnLost", Kind::boolean},
};
const BlockRow group_blocks[] = {
    {"constraint", "Constraints", Shape::list, &constraint_schema},
    {"affinity", "Affinities", Shape::list, &affinity_schema},
    {"task", "Tasks", Shape::labelled_list, &task_schema, "Name"},
    {"spread", "Spreads", Shape::list, &spread_schema},
    {"volume", "Volumes", Shape::labelled_map, &volume_schema, "Name"},
    {"restart", "RestartPolicy", Shape::object, &restart_schema},
    {"disconnect", "Disconnect", Shape::object, &disconnect_schema},
    {"reschedule", "ReschedulePolicy", Shape::object, &reschedule_schema},
    {"ephemeral_disk", "EphemeralDisk", Shape::object, &ephemeral_disk_schema},
    {"update", "Update", Shape::object, &update_schema},
    {"migrate", "Migrate", Shape::object, &migrate_schema},
    {"network", "Networks", Shape::list, &network_schema},
    {"meta", "Meta", Shape::text_map},
    {"service", "Services", Shape::list, &service_schema},
    {"scaling", "Scaling", Shape::object, &scaling_schema},
    {"consul", "Consul", Shape::object, &consul_schema},
    {"vault", "vault", Shape::object, &vault_schema},
    {"secret", "secret", Shape::labelled_list, &secret_schema, "Name"},
};

}  // namespace

constinit const Schema constraint_schema = {constraint_attributes, {}, finish_constraint};
constinit const Schema affinity_schema = {affinity_attributes, {}, finish_constraint};
constinit const Schema spread_schema = {spread_attributes, spread_blocks};
constinit const Schema restart_schema = {restart_attributes, {}};
constinit const Schema reschedule_schema = {reschedule_attributes, {}};
constinit const Schema update_schema = {update_attributes, {}};
constinit const Schema migrate_schema = {migrate_attributes, {}};
constinit const Schema network_schema = {network_attributes, network_blocks, finish_network};
constinit const Schema consul_schema = {consul_attributes, {}};
constinit const Schema group_schema = {group_attributes, group_blocks, finish_group};

}  // namespace caravan::jobspec
