// SPDX-License-Identifier: Apache-2.0
#include "jobspec/schema.hpp"
#include "jobspec/sugar.hpp"

namespace caravan::jobspec {
namespace {

constexpr AttributeRow lifecycle_attributes[] = {
    {"hook", "Hook"},
    {"sidecar", "Sidecar", Kind::boolean},
};
constinit const Schema lifecycle_schema = {lifecycle_attributes, {}};

constexpr AttributeRow device_attributes[] = {{"count", "Count", Kind::whole}};
const BlockRow device_blocks[] = {
    {"constraint", "Constraints", Shape::list, &constraint_schema},
    {"affinity", "Affinities", Shape::list, &affinity_schema},
};
constinit const Schema device_schema = {device_attributes, device_blocks};
constexpr AttributeRow numa_attributes[] = {
    {"affinity", "Affinity"},
    {"devices", "Devices", Kind::texts},
};
constinit const Schema numa_schema = {numa_attributes, {}};
constexpr AttributeRow resources_attributes[] = {
    {"cpu", "CPU", Kind::whole},         {"cores", "Cores", Kind::whole},
    {"memory", "MemoryMB", Kind::whole}, {"memory_max", "MemoryMaxMB", Kind::whole},
    {"disk", "DiskMB", Kind::whole},     {"secrets", "SecretsMB", Kind::whole},
    {"iops", "IOPS", Kind::whole},
};
const BlockRow resources_blocks[] = {
    {"network", "Networks", Shape::list, &network_schema},
    {"device", "Devices", Shape::labelled_list, &device_schema, "Name"},
    {"numa", "NUMA", Shape::object, &numa_schema},
};

constexpr AttributeRow logs_attributes[] = {
    {"max_files", "MaxFiles", Kind::whole},
    {"max_file_size", "MaxFileSizeMB", Kind::whole},
    {"enabled", "Enabled", Kind::boolean},
    {"disabled", "Disabled", Kind::boolean},
};

constexpr AttributeRow artifact_attributes[] = {
    {"source", "GetterSource"},
    {"mode", "GetterMode"},
    {"insecure", "GetterInsecure", Kind::boolean},
    {"destination", "RelativeDest"},
    {"chown", "Chown", Kind::boolean},
};
const BlockRow artifact_blocks[] = {
    {"options", "GetterOptions", Shape::text_map},
    {"headers", "GetterHeaders", Shape::text_map},
};
constinit const Schema artifact_schema = {artifact_attributes, artifact_blocks};

constexpr AttributeRow vault_attributes[] = {
    {"policies", "Policies", Kind::texts},
    {"role", "Role"},
    {"namespace", "Namespace"},
    {"cluster", "Cluster"},
    {"env", "Env", Kind::boolean},
    {"disable_file", "DisableFile", Kind::boolean},
    {"change_mode", "ChangeMode"},
    {"change_signal", "ChangeSignal"},
    {"allow_token_expiration", "AllowTokenExpiration", Kind::boolean},
};

constexpr AttributeRow change_script_attributes[] = {
    {"command", "Command"},
    {"args", "Args", Kind::texts},
    {"timeout", "Timeout", Kind::duration},
    {"fail_on_error", "FailOnError", Kind::boolean},
    {"run_on_first_render", "RunOnFirstRender", Kind::boolean},
};
constinit const Schema change_script_schema = {change_script_attributes, {}};
constexpr AttributeRow wait_attributes[] = {
    {"min", "Min", Kind::duration},
    {"max", "Max", Kind::duration},
};
constinit const Schema wait_schema = {wait_attributes, {}};
constexpr AttributeRow template_attributes[] = {
    {"source", "SourcePath"},
    {"destination", "DestPath"},
    {"data", "EmbeddedTmpl"},
    {"change_mode", "ChangeMode"},
    {"change_signal", "ChangeSignal"},
    {"once", "Once", Kind::boolean},
    {"splay", "Splay", Kind::duration},
    {"perms", "Perms"},
    {"uid", "Uid", Kind::whole},
    {"gid", "Gid", Kind::whole},
    {"left_delimiter", "LeftDelim"},
    {"right_delimiter", "RightDelim"},
    {"env", "Envvars", Kind::boolean},
    {"vault_grace", "VaultGrace", Kind::duration},
    {"error_on_missing_key", "ErrMissingKey", Kind::boolean},
};
const BlockRow template_blocks[] = {
    {"change_script", "ChangeScript", Shape::object, &change_script_schema},
    {"wait", "Wait", Shape::object, &wait_schema},
};
constinit const Schema template_schema = {template_attributes, template_blocks};

constexpr AttributeRow dispatch_payload_attributes[] = {{"file", "File"}};
constinit const Schema dispatch_payload_schema = {dispatch_payload_attributes, {}};

constexpr AttributeRow volume_mount_attributes[] = {
    {"volume", "Volume"},
    {"destination", "Destination"},
    {"read_only", "ReadOnly", Kind::boolean},
    {"propagation_mode", "PropagationMode"},
    {"selinux_label", "SELinuxLabel"},
};

constexpr AttributeRow csi_plugin_attributes[] = {
    {"id", "ID"},
    {"type", "Type"},
    {"mount_dir", "MountDir"},
    {"stage_publish_base_dir", "StagePublishBaseDir"},
    {"health_timeout", "HealthTimeout", Kind::duration},
};
constinit const Schema csi_plugin_schema = {csi_plugin_attributes, {}};

constexpr AttributeRow scaling_attributes[] = {
    {"enabled", "Enabled", Kind::boolean},
    {"min", "Min", Kind::whole},
    {"max", "Max", Kind::whole},
};
const BlockRow scaling_blocks[] = {{"policy", "Policy", Shape::free_form}};
constinit const Schema scaling_schema = {scaling_attributes, scaling_blocks, finish_task_scaling};

constexpr AttributeRow secret_attributes[] = {{"provider", "Provider"}, {"path", "Path"}};
const BlockRow secret_blocks[] = {
    {"config", "Config", Shape::free_form},
    {"env", "Env", Shape::text_map},
};

constexpr AttributeRow identity_attributes[] = {
    {"name", "Name"},
    {"aud", "Audience", Kind::texts},
    {"change_mode", "ChangeMode"},
    {"change_signal", "ChangeSignal"},
    {"env", "Env", Kind::boolean},
    {"file", "File", Kind::boolean},
    {"filepath", "Filepath"},
    {"service_name", "ServiceName"},
    {"ttl", "TTL", Kind::duration},
    {"extra_claims", "ExtraClaims", Kind::texts},
};

constexpr AttributeRow action_attributes[] = {
    {"command", "Command"},
    {"args", "Args", Kind::texts},
};
constinit const Schema action_schema = {action_attributes, {}};

constexpr AttributeRow cron_attributes[] = {
    {"start", "Start"},
    {"end", "End"},
    {"timezone", "Timezone"},
};
constinit const Schema cron_schema = {cron_attributes, {}};
const BlockRow schedule_blocks[] = {{"cron", "Cron", Shape::object, &cron_schema}};
constinit const Schema schedule_schema = {{}, schedule_blocks};

constexpr AttributeRow task_attributes[] = {
    {"driver", "Driver"},
    {"user", "User"},
    {"kill_timeout", "KillTimeout", Kind::duration},
    {"leader", "Leader", Kind::boolean},
    {"depends_on", "DependsOn", Kind::texts},
    {"shutdown_delay", "ShutdownDelay", Kind::duration},
    {"kill_signal", "KillSignal"},
    {"kind", "Kind"},
};
const BlockRow task_blocks[] = {
    {"lifecycle", "Lifecycle", Shape::object, &lifecycle_schema},
    {"config", "Config", Shape::free_form},
    {"constraint", "Constraints", Shape::list, &constraint_schema},
    {"affinity", "Affinities", Shape::list, &affinity_schema},
    {"env", "Env", Shape::text_map},
    {"service", "Services", Shape::list, &service_schema},
    {"resources", "Resources", Shape::object, &resources_schema},
    {"restart", "RestartPolicy", Shape::object, &restart_schema},
    {"meta", "Meta", Shape::text_map},
    {"logs", "LogConfig", Shape::object, &logs_schema},
    {"artifact", "Artifacts", Shape::list, &artifact_schema},
    {"vault", "Vault", Shape::object, &vault_schema},
    {"consul", "Consul", Shape::object, &consul_schema},
    {"template", "Templates", Shape::list, &template_schema},
    {"dispatch_payload", "DispatchPayload", Shape::object, &dispatch_payload_schema},
    {"volume_mount", "VolumeMounts", Shape::list, &volume_mount_schema},
    {"csi_plugin", "CSIPluginConfig", Shape::object, &csi_plugin_schema},
    {"scaling", "ScalingPolicies", Shape::labelled_list, &scaling_schema, "label"},
    {"secret", "Secrets", Shape::labelled_list, &secret_schema, "Name"},
    {"identity", "Identities", Shape::list, &identity_schema},
    {"action", "Actions", Shape::labelled_list, &action_schema, "Name"},
    {"schedule", "Schedule", Shape::object, &schedule_schema},
};

}  // namespace

constinit const Schema resources_schema = {resources_attributes, resources_blocks};
constinit const Schema logs_schema = {logs_attributes, {}, finish_logs};
constinit const Schema vault_schema = {vault_attributes, {}, finish_vault};
constinit const Schema volume_mount_schema = {volume_mount_attributes, {}};
constinit const Schema secret_schema = {secret_attributes, secret_blocks};
constinit const Schema identity_schema = {identity_attributes, {}};
constinit const Schema task_schema = {task_attributes, task_blocks, finish_task};

}  // namespace caravan::jobspec
