// SPDX-License-Identifier: Apache-2.0
// A task: one program, the driver that runs it, and everything it needs around it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/resources.hpp"
#include "model/restart_policy.hpp"
#include "model/service.hpp"

namespace caravan::model {

struct TaskLifecycle {
  std::string hook;  // prestart, poststart or poststop
  bool sidecar = false;
  base::Unknown unknown;
  friend bool operator==(const TaskLifecycle&, const TaskLifecycle&) = default;
};
template <class V>
void fields(V& v, TaskLifecycle& l) {
  v(1, "Hook", l.hook);
  v(2, "Sidecar", l.sidecar);
  v.unknown(l.unknown);
}

struct LogConfig {
  int max_files = 10;
  int max_file_size_mb = 10;
  bool disabled = false;
  base::Unknown unknown;
  friend bool operator==(const LogConfig&, const LogConfig&) = default;
};
template <class V>
void fields(V& v, LogConfig& l) {
  v(1, "MaxFiles", l.max_files);
  v(2, "MaxFileSizeMB", l.max_file_size_mb);
  v(3, "Disabled", l.disabled);
  v.unknown(l.unknown);
}

struct Artifact {
  std::string source;
  std::map<std::string, std::string> options, headers;
  std::string mode = "any";  // any, file or dir
  bool insecure = false;
  std::string destination;
  bool chown = false;
  base::Unknown unknown;
  friend bool operator==(const Artifact&, const Artifact&) = default;
};
template <class V>
void fields(V& v, Artifact& a) {
  v(1, "GetterSource", a.source);
  v(2, "GetterOptions", a.options);
  v(3, "GetterHeaders", a.headers);
  v(4, "GetterMode", a.mode);
  v(5, "GetterInsecure", a.insecure);
  v(6, "RelativeDest", a.destination);
  v(7, "Chown", a.chown);
  v.unknown(a.unknown);
}

/// The way of fetching that a source asks for and that is not built: "git", "hg", "s3" or "gcs";
/// "" when it is, or when only the node can tell because the source is interpolated.
std::string unbuilt_getter(std::string_view source);

struct ChangeScript {
  std::string command;
  std::vector<std::string> args;
  base::Duration timeout = base::Duration(5'000'000'000);
  bool fail_on_error = false, run_on_first_render = false;
  base::Unknown unknown;
  friend bool operator==(const ChangeScript&, const ChangeScript&) = default;
};
template <class V>
void fields(V& v, ChangeScript& c) {
  v(1, "Command", c.command);
  v(2, "Args", c.args);
  v(3, "Timeout", c.timeout);
  v(4, "FailOnError", c.fail_on_error);
  v(5, "RunOnFirstRender", c.run_on_first_render);
  v.unknown(c.unknown);
}

struct WaitConfig {
  base::Duration min{0}, max{0};
  base::Unknown unknown;
  friend bool operator==(const WaitConfig&, const WaitConfig&) = default;
};
template <class V>
void fields(V& v, WaitConfig& w) {
  v(1, "Min", w.min);
  v(2, "Max", w.max);
  v.unknown(w.unknown);
}

struct Template {
  std::string source, destination, text;  // one of source (a path) and text
  std::string change_mode = "restart";    // noop, restart, signal, script
  std::string change_signal;
  std::optional<ChangeScript> change_script;
  bool once = false;
  base::Duration splay = base::Duration(5'000'000'000);
  std::string perms = "0644";
  int uid = -1, gid = -1;
  std::string left_delimiter = "{{", right_delimiter = "}}";
  bool env = false, error_on_missing_key = false;
  std::optional<WaitConfig> wait;
  base::Duration vault_grace{0};
  base::Unknown unknown;
  friend bool operator==(const Template&, const Template&) = default;
};
template <class V>
void fields(V& v, Template& t) {
  v(1, "SourcePath", t.source);
  v(2, "DestPath", t.destination);
  v(3, "EmbeddedTmpl", t.text);
  v(4, "ChangeMode", t.change_mode);
  v(5, "ChangeSignal", t.change_signal);
  v(6, "ChangeScript", t.change_script);
  v(7, "Once", t.once);
  v(8, "Splay", t.splay);
  v(9, "Perms", t.perms);
  v(10, "Uid", t.uid);
  v(11, "Gid", t.gid);
  v(12, "LeftDelim", t.left_delimiter);
  v(13, "RightDelim", t.right_delimiter);
  v(14, "Envvars", t.env);
  v(15, "ErrMissingKey", t.error_on_missing_key);
  v(16, "Wait", t.wait);
  v(17, "VaultGrace", t.vault_grace);
  v.unknown(t.unknown);
}

struct DispatchPayload {
  std::string file;
  base::Unknown unknown;
  friend bool operator==(const DispatchPayload&, const DispatchPayload&) = default;
};
template <class V>
void fields(V& v, DispatchPayload& d) {
  v(1, "File", d.file);
  v.unknown(d.unknown);
}

struct VolumeMount {
  std::string volume, destination;
  bool read_only = false;
  std::string propagation_mode = "private", selinux_label;
  base::Unknown unknown;
  friend bool operator==(const VolumeMount&, const VolumeMount&) = default;
};
template <class V>
void fields(V& v, VolumeMount& m) {
  v(1, "Volume", m.volume);
  v(2, "Destination", m.destination);
  v(3, "ReadOnly", m.read_only);
  v(4, "PropagationMode", m.propagation_mode);
  v(5, "SELinuxLabel", m.selinux_label);
  v.unknown(m.unknown);
}

struct WorkloadIdentity {
  std::string name;
  std::vector<std::string> audience;
  std::string change_mode, change_signal, filepath, service_name;
  bool env = false, file = false;
  base::Duration ttl{0};
  base::Unknown unknown;
  friend bool operator==(const WorkloadIdentity&, const WorkloadIdentity&) = default;
};
template <class V>
void fields(V& v, WorkloadIdentity& w) {
  v(1, "Name", w.name);
  v(2, "Audience", w.audience);
  v(3, "ChangeMode", w.change_mode);
  v(4, "ChangeSignal", w.change_signal);
  v(5, "Env", w.env);
  v(6, "File", w.file);
  v(7, "Filepath", w.filepath);
  v(8, "ServiceName", w.service_name);
  v(9, "TTL", w.ttl);
  v.unknown(w.unknown);
}

struct Action {
  std::string name, command;
  std::vector<std::string> args;
  base::Unknown unknown;
  friend bool operator==(const Action&, const Action&) = default;
};
template <class V>
void fields(V& v, Action& a) {
  v(1, "Name", a.name);
  v(2, "Command", a.command);
  v(3, "Args", a.args);
  v.unknown(a.unknown);
}

struct Task {
  std::string name, driver, user;
  std::optional<TaskLifecycle> lifecycle;
  json::Object config;  // the driver reads it
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  std::map<std::string, std::string> env;
  std::vector<Service> services;
  Resources resources;
  RestartPolicy restart;
  std::map<std::string, std::string> meta;
  base::Duration kill_timeout = base::Duration(5'000'000'000);
  LogConfig logs;
  std::vector<Artifact> artifacts;
  json::Value vault, consul;
  std::vector<Template> templates;
  std::optional<DispatchPayload> dispatch_payload;
  std::vector<VolumeMount> volume_mounts;
  json::Value csi_plugin;
  bool leader = false;
  base::Duration shutdown_delay{0};
  std::string kill_signal, kind;
  std::vector<json::Value> scaling_policies, secrets;
  std::optional<WorkloadIdentity> identity;
  std::vector<WorkloadIdentity> identities;
  std::vector<Action> actions;
  json::Value schedule;
  std::vector<std::string> depends_on;  // tasks of the group that have to be well first
  base::Unknown unknown;

  bool is_prestart() const { return lifecycle && lifecycle->hook == "prestart"; }
  bool is_poststart() const { return lifecycle && lifecycle->hook == "poststart"; }
  bool is_poststop() const { return lifecycle && lifecycle->hook == "poststop"; }
  bool is_main() const { return !lifecycle; }
  bool is_sidecar() const { return lifecycle && lifecycle->sidecar; }
  friend bool operator==(const Task&, const Task&) = default;
};
template <class V>
void fields(V& v, Task& t) {
  v(1, "Name", t.name);
  v(2, "Driver", t.driver);
  v(3, "User", t.user);
  v(4, "Lifecycle", t.lifecycle);
  v(5, "Config", t.config);
  v(6, "Constraints", t.constraints);
  v(7, "Affinities", t.affinities);
  v(8, "Env", t.env);
  v(9, "Services", t.services);
  v(10, "Resources", t.resources);
  v(11, "RestartPolicy", t.restart);
  v(12, "Meta", t.meta);
  v(13, "KillTimeout", t.kill_timeout);
  v(14, "LogConfig", t.logs);
  v(15, "Artifacts", t.artifacts);
  v(16, "Vault", t.vault);
  v(17, "Consul", t.consul);
  v(18, "Templates", t.templates);
  v(19, "DispatchPayload", t.dispatch_payload);
  v(20, "VolumeMounts", t.volume_mounts);
  v(21, "CSIPluginConfig", t.csi_plugin, omit_empty);
  v(22, "Leader", t.leader);
  v(23, "ShutdownDelay", t.shutdown_delay);
  v(24, "KillSignal", t.kill_signal);
  v(25, "Kind", t.kind);
  v(26, "ScalingPolicies", t.scaling_policies);
  v(27, "Secrets", t.secrets);
  v(28, "Identity", t.identity);
  v(29, "Identities", t.identities);
  v(30, "Actions", t.actions);
  v(31, "Schedule", t.schedule);
  v(32, "DependsOn", t.depends_on, omit_empty);
  v.unknown(t.unknown);
}

}  // namespace caravan::model
