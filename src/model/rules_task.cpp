// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "model/device.hpp"
#include "model/rules.hpp"

namespace caravan::model::rules {

namespace {

constexpr int memory_mb_min = 10;
constexpr int devices_most = 1024;
/// 16 TiB of memory and 1 THz: beyond every machine, far from overflow when thousands are added up.
constexpr int memory_mb_most = 16 * 1024 * 1024;
constexpr int cpu_mhz_most = 1'000'000;

void check_templates(Complaints& c, const std::string& at, const Task& task) {
  std::set<std::string> destinations;
  static const std::set<std::string> modes = {"noop", "restart", "signal", "script"};
  for (std::size_t i = 0; i < task.templates.size(); ++i) {
    const Template& t = task.templates[i];
    const std::string where = fmt::format("{}.Templates[{}]", at, i);
    if (t.destination.empty())
      c.add("{}.DestPath: missing", where);
    else if (!destinations.insert(t.destination).second)
      c.add("{}.DestPath: \"{}\" is the destination of two templates", where, t.destination);
    if (climbs_out(task.name + "/" + t.destination))
      c.add("{}.DestPath: \"{}\" leaves the allocation", where, base::printable(t.destination, 64));
    if (t.source.empty() == t.text.empty())
      c.add("{}: exactly one of data and source is needed", where);
    if (!modes.contains(t.change_mode))
      c.add("{}.ChangeMode: \"{}\" is none of noop, restart, signal, script", where,
            base::printable(t.change_mode, 64));
    if (t.change_mode == "signal" && t.change_signal.empty())
      c.add("{}.ChangeSignal: missing", where);
    if (t.change_mode == "signal" && t.env)
      c.add("{}.ChangeMode: env templates cannot be signalled", where);
    if (t.change_mode == "script" && !t.change_script) c.add("{}.ChangeScript: missing", where);
    if (t.perms.empty() || t.perms.size() > 5 ||
        t.perms.find_first_not_of("01234567") != std::string::npos)
      c.add("{}.Perms: \"{}\" is not an octal mode such as 0644", where,
            base::printable(t.perms, 16));
    if (t.left_delimiter.empty() || t.right_delimiter.empty())
      c.add("{}: a delimiter is empty", where);
  }
}

/// Its folder is the task's local/.
void check_dispatch_payload(Complaints& c, const std::string& at, const DispatchPayload& payload) {
  if (payload.file.empty())
    c.add("{}.DispatchPayload.File: missing", at);
  else if (climbs_out(payload.file))
    c.add("{}.DispatchPayload.File: \"{}\" leaves the task's local folder", at,
          base::printable(payload.file, 64));
}

void check_resources(Complaints& c, const std::string& at, const Task& task,
                     const TaskGroup& group) {
  const Resources& r = task.resources;
  if (r.cores == 0) c.range(at + ".Resources.CPU", r.cpu, 1, cpu_mhz_most);
  c.range(at + ".Resources.Cores", r.cores, 0, 65535);
  c.range(at + ".Resources.MemoryMB", r.memory_mb, memory_mb_min, memory_mb_most);
  if (r.memory_mb_max > 0 && r.memory_mb_max < r.memory_mb)
    c.add("{}.Resources.MemoryMaxMB: {} is below MemoryMB {}", at, r.memory_mb_max, r.memory_mb);
  if (r.memory_mb_max < -1) c.add("{}.Resources.MemoryMaxMB: {} is below -1", at, r.memory_mb_max);
  c.range(at + ".LogConfig.MaxFiles", task.logs.max_files, 1, 10'000);
  c.range(at + ".LogConfig.MaxFileSizeMB", task.logs.max_file_size_mb, 1, 1'000'000);
  const std::int64_t logs_mb = std::int64_t{task.logs.max_files} * task.logs.max_file_size_mb;
  if (!task.logs.disabled && group.ephemeral_disk.size_mb <= logs_mb)
    c.add("{}.LogConfig: {} MB of logs do not fit into {} MB of ephemeral disk", at, logs_mb,
          group.ephemeral_disk.size_mb);
}

void check_devices(Complaints& c, const std::string& at, const Resources& resources) {
  for (std::size_t i = 0; i < resources.devices.size(); ++i) {
    const RequestedDevice& device = resources.devices[i];
    const std::string where = fmt::format("{}.Resources.Devices[{}]", at, i);
    if (const auto name = parse_device_name(device.name); !name)
      c.add("{}.Name: {}", where, name.error().message);
    c.range(where + ".Count", device.count, 1, devices_most);
    check_constraints(c, where, device.constraints);
    for (const Constraint& constraint : device.constraints)
      if (constraint.operand.starts_with("distinct_"))
        c.add("{}.Constraints: {} has no meaning for devices", where, constraint.operand);
    for (std::size_t n = 0; n < device.affinities.size(); ++n) {
      const int weight = device.affinities[n].weight;
      if (weight == 0 || weight < -100 || weight > 100)
        c.add("{}.Affinities[{}].Weight: {} is 0 or outside -100..100", where, n, weight);
    }
  }
}

void check_artifacts(Complaints& c, const std::string& at, const Task& task) {
  static const std::set<std::string> getter_modes = {"any", "file", "dir"};
  for (std::size_t i = 0; i < task.artifacts.size(); ++i) {
    const Artifact& artifact = task.artifacts[i];
    if (artifact.source.empty()) c.add("{}.Artifacts[{}].GetterSource: missing", at, i);
    if (!getter_modes.contains(artifact.mode))
      c.add("{}.Artifacts[{}].GetterMode: \"{}\" is none of any, file, dir", at, i,
            base::printable(artifact.mode, 64));
    if (climbs_out(task.name + "/" + artifact.destination))
      c.add("{}.Artifacts[{}].RelativeDest: \"{}\" leaves the allocation", at, i,
            base::printable(artifact.destination, 64));
  }
}

void check_mounts(Complaints& c, const std::string& at, const Task& task, const TaskGroup& group) {
  for (std::size_t i = 0; i < task.volume_mounts.size(); ++i) {
    const VolumeMount& mount = task.volume_mounts[i];
    if (!group.volumes.contains(mount.volume))
      c.add("{}.VolumeMounts[{}].Volume: the group has no volume \"{}\"", at, i,
            base::printable(mount.volume, 64));
    if (mount.destination.empty()) c.add("{}.VolumeMounts[{}].Destination: missing", at, i);
    static const std::set<std::string> modes = {"private", "host-to-task", "bidirectional"};
    if (!modes.contains(mount.propagation_mode))
      c.add(
          "{}.VolumeMounts[{}].PropagationMode: \"{}\" is none of private, host-to-task, "
          "bidirectional",
          at, i, base::printable(mount.propagation_mode, 64));
    if (task.driver == "raw_exec")
      c.add(
          "{}.VolumeMounts[{}]: raw_exec tasks have no root to mount into; they see the "
          "volume at its path on the node",
          at, i);
  }
}

}  // namespace

bool climbs_out(const std::string& path) {
  int depth = 0;
  for (const std::string& part : base::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    depth += part == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

void check_task(Complaints& c, const std::string& at, const Task& task, const TaskGroup& group) {
  check_folder_name(c, at + ".Name", task.name);
  if (task.name == "alloc") c.add("{}.Name: \"alloc\" is the name of the shared directory", at);
  if (task.driver.empty()) c.add("{}.Driver: missing", at);
  c.not_negative(at + ".KillTimeout", task.kill_timeout);
  c.not_negative(at + ".ShutdownDelay", task.shutdown_delay);
  check_resources(c, at, task, group);
  check_devices(c, at, task.resources);
  check_constraints(c, at, task.constraints);
  for (const Constraint& constraint : task.constraints)
    if (constraint.operand.starts_with("distinct_"))
      c.add("{}.Constraints: {} belongs to the group or the job", at, constraint.operand);
  check_restart(c, at, task.restart);
  check_templates(c, at, task);
  check_artifacts(c, at, task);
  for (std::size_t i = 0; i < task.services.size(); ++i)
    check_service(c, fmt::format("{}.Services[{}]", at, i), task.services[i], group, true);
  check_mounts(c, at, task, group);
  check_identities(c, at, task);
  if (task.dispatch_payload) check_dispatch_payload(c, at, *task.dispatch_payload);
  if (task.lifecycle) {
    static const std::set<std::string> hooks = {"prestart", "poststart", "poststop"};
    if (!hooks.contains(task.lifecycle->hook))
      c.add("{}.Lifecycle.Hook: \"{}\" is none of prestart, poststart, poststop", at,
            base::printable(task.lifecycle->hook, 64));
  }
}

}  // namespace caravan::model::rules
