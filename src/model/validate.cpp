// SPDX-License-Identifier: Apache-2.0
// What a job must be like to be accepted. Each complaint names the path, the value and the limit.
#include <cmath>
#include <set>

#include <fmt/core.h>

#include "base/cron.hpp"
#include "base/text.hpp"
#include "model/job.hpp"

namespace caravan::model {
namespace {

using base::Duration;

constexpr std::size_t complaints_max = 20;
constexpr std::size_t name_max = 128;
constexpr std::size_t cron_specs_max = 64;
constexpr int memory_mb_min = 10;
/// 16 TiB of memory and 1 THz: beyond every machine, far from overflow when thousands are added up.
constexpr int memory_mb_most = 16 * 1024 * 1024;
constexpr int cpu_mhz_most = 1'000'000;
constexpr Duration second{1'000'000'000};

class Complaints {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    if (list_.size() < complaints_max)
      list_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  void range(const std::string& path, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value < low || value > high) add("{}: {} is outside {}..{}", path, value, low, high);
  }
  void not_negative(const std::string& path, Duration value) {
    if (value < Duration(0)) add("{}: {} is negative", path, base::format_duration(value));
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

void check_name(Complaints& c, const std::string& path, const std::string& name) {
  if (name.empty()) return c.add("{}: missing", path);
  if (name.size() > name_max)
    return c.add("{}: {} characters, the limit is {}", path, name.size(), name_max);
  for (const char ch : name)
    if (static_cast<unsigned char>(ch) <= ' ' || ch == 0x7f)
      return c.add("{}: \"{}\" contains a space or a control character", path,
                   base::printable(name, 64));
  if (!base::is_utf8(name)) c.add("{}: not valid UTF-8", path);
}

/// A name that becomes a folder.
void check_folder_name(Complaints& c, const std::string& path, const std::string& name) {
  check_name(c, path, name);
  if (name.find_first_of("/\\") != std::string::npos)
    c.add("{}: \"{}\" contains a slash", path, name);
  if (name == "." || name == "..") c.add("{}: \"{}\" is not a name", path, name);
}

void check_constraints(Complaints& c, const std::string& path,
                       const std::vector<Constraint>& list) {
  static const std::set<std::string> operands = {"=",
                                                 "==",
                                                 "is",
                                                 "!=",
                                                 "not",
                                                 "<",
                                                 "<=",
                                                 ">",
                                                 ">=",
                                                 "version",
                                                 "semver",
                                                 "regexp",
                                                 "set_contains",
                                                 "set_contains_all",
                                                 "set_contains_any",
                                                 "is_set",
                                                 "is_not_set",
                                                 "distinct_hosts",
                                                 "distinct_property"};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Constraint& constraint = list[i];
    const std::string at = fmt::format("{}.Constraints[{}]", path, i);
    if (!operands.contains(constraint.operand)) {
      c.add("{}.Operand: \"{}\" is not an operator", at, base::printable(constraint.operand, 64));
      continue;
    }
    const bool unary = constraint.operand == "is_set" || constraint.operand == "is_not_set";
    if (constraint.operand != "distinct_hosts" && constraint.left.empty())
      c.add("{}.LTarget: missing; operator \"{}\" needs an attribute", at, constraint.operand);
    if (!unary && constraint.operand != "distinct_hosts" &&
        constraint.operand != "distinct_property" && constraint.right.empty())
      c.add("{}.RTarget: missing; operator \"{}\" needs a value", at, constraint.operand);
  }
}

void check_restart(Complaints& c, const std::string& path, const RestartPolicy& p) {
  const std::string at = path + ".RestartPolicy";
  c.range(at + ".Attempts", p.attempts, 0, 1'000'000);
  c.not_negative(at + ".Delay", p.delay);
  if (p.interval < 5 * second)
    c.add("{}.Interval: {} is below 5s", at, base::format_duration(p.interval));
  if (p.attempts == 0 && p.mode != RestartPolicy::Mode::fail)
    c.add("{}.Attempts: 0 attempts need mode \"fail\"", at);
  if (p.attempts > 0 && p.delay > Duration(0) && p.delay > p.interval / p.attempts)
    c.add("{}: {} attempts with a delay of {} do not fit into an interval of {}", at, p.attempts,
          base::format_duration(p.delay), base::format_duration(p.interval));
}

void check_reschedule(Complaints& c, const std::string& path, const ReschedulePolicy& p) {
  const std::string at = path + ".ReschedulePolicy";
  if (p.attempts == 0 && !p.unlimited) return;
  if (p.unlimited && p.attempts > 0)
    c.add("{}: unlimited and {} attempts exclude each other", at, p.attempts);
  if (p.delay < 5 * second) c.add("{}.Delay: {} is below 5s", at, base::format_duration(p.delay));
  const bool constant = p.delay_function == ReschedulePolicy::DelayFunction::constant;
  if (!constant && p.max_delay < p.delay)
    c.add("{}.MaxDelay: {} is below the delay of {}", at, base::format_duration(p.max_delay),
          base::format_duration(p.delay));
  if (!p.unlimited && p.interval < 15 * second)
    c.add("{}.Interval: {} is below 15s", at, base::format_duration(p.interval));
}

void check_update(Complaints& c, const std::string& path, const UpdateStrategy& u, int count) {
  const std::string at = path + ".Update";
  c.range(at + ".MaxParallel", u.max_parallel, 0, group_count_max);
  c.range(at + ".Canary", u.canary, 0, group_count_max);
  if (u.stagger <= Duration(0)) c.add("{}.Stagger: must be above 0s", at);
  c.not_negative(at + ".MinHealthyTime", u.min_healthy_time);
  if (u.healthy_deadline <= u.min_healthy_time)
    c.add("{}.HealthyDeadline: {} is not above min_healthy_time {}", at,
          base::format_duration(u.healthy_deadline), base::format_duration(u.min_healthy_time));
  if (u.progress_deadline != Duration(0) && u.progress_deadline <= u.healthy_deadline)
    c.add("{}.ProgressDeadline: {} is not above healthy_deadline {}", at,
          base::format_duration(u.progress_deadline), base::format_duration(u.healthy_deadline));
  if (u.auto_promote && u.canary == 0 && count > 0)
    c.add("{}.AutoPromote: needs canary above 0", at);
}

void check_networks(Complaints& c, const std::string& path,
                    const std::vector<NetworkResource>& networks) {
  std::set<std::string> labels;
  std::map<std::pair<std::string, int>, std::string> statics;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const NetworkResource& network = networks[i];
    const std::string at = fmt::format("{}.Networks[{}]", path, i);
    const auto check_port = [&](const Port& port, const std::string& where, bool is_static) {
      check_name(c, where + ".Label", port.label);
      if (!labels.insert(port.label).second)
        c.add("{}.Label: port \"{}\" is there twice", where, port.label);
      c.range(where + ".To", port.to, -1, 65535);
      if (port.ignore_collision && network.mode != "host" && !network.mode.empty())
        c.add("{}.IgnoreCollision: only with network mode \"host\"", where);
      if (!is_static) return;
      c.range(where + ".Value", port.value, 1, 65535);
      const auto [it, fresh] =
          statics.emplace(std::pair(port.host_network, port.value), port.label);
      if (!fresh && !port.ignore_collision)
        c.add("{}.Value: static port {} is already taken by \"{}\"", where, port.value, it->second);
    };
    for (std::size_t p = 0; p < network.reserved_ports.size(); ++p)
      check_port(network.reserved_ports[p], fmt::format("{}.ReservedPorts[{}]", at, p), true);
    for (std::size_t p = 0; p < network.dynamic_ports.size(); ++p)
      check_port(network.dynamic_ports[p], fmt::format("{}.DynamicPorts[{}]", at, p), false);
    const std::string& mode = network.mode;
    if (mode != "" && mode != "host" && mode != "bridge" && mode != "none" &&
        !mode.starts_with("cni/"))
      c.add("{}.Mode: \"{}\" is none of host, bridge, none, cni/<name>", at,
            base::printable(mode, 64));
    if (mode == "cni/") c.add("{}.Mode: \"cni/\" names no network", at);
    if (!network.hostname.empty() && (mode.empty() || mode == "host"))
      c.add("{}.Hostname: not with network mode \"host\"", at);
    if (network.cni)
      for (const auto& [key, value] : network.cni->args)
        if (key.find(';') != std::string::npos || value.find(';') != std::string::npos)
          c.add("{}.CNI.Args: \"{}\" contains ';'", at, base::printable(key, 64));
  }
}

void check_service(Complaints& c, const std::string& at, const Service& s, const TaskGroup& group,
                   bool of_task) {
  check_name(c, at + ".Name", s.name);
  if (s.provider != "consul" && s.provider != "nomad")
    c.add("{}.Provider: \"{}\" is neither consul nor nomad", at, base::printable(s.provider, 64));
  for (std::size_t i = 0; i < s.checks.size(); ++i) {
    const ServiceCheck& check = s.checks[i];
    const std::string where = fmt::format("{}.Checks[{}]", at, i);
    static const std::set<std::string> types = {"http", "tcp", "grpc", "script"};
    if (!types.contains(check.type))
      c.add("{}.Type: \"{}\" is none of http, tcp, grpc, script", where,
            base::printable(check.type, 64));
    if (s.provider == "nomad" && check.type != "http" && check.type != "tcp")
      c.add("{}.Type: \"{}\" checks need provider \"consul\"", where, check.type);
    if (check.interval < second)
      c.add("{}.Interval: {} is below 1s", where, base::format_duration(check.interval));
    if (check.timeout < second)
      c.add("{}.Timeout: {} is below 1s", where, base::format_duration(check.timeout));
    if (check.type == "http" && !check.path.starts_with("/"))
      c.add("{}.Path: \"{}\" does not begin with '/'", where, base::printable(check.path, 64));
    if (check.type == "script" && check.command.empty()) c.add("{}.Command: missing", where);
    if (check.type == "script" && !of_task && check.task_name.empty() && s.task_name.empty())
      c.add("{}.TaskName: a script check of a group's service names the task it runs in", where);
  }
  if (s.port_label.empty()) return;
  const auto has_label = [&](const std::vector<NetworkResource>& networks) {
    return std::ranges::any_of(networks, [&](const NetworkResource& n) {
      const auto named = [&](const Port& port) { return port.label == s.port_label; };
      return std::ranges::any_of(n.dynamic_ports, named) ||
             std::ranges::any_of(n.reserved_ports, named);
    });
  };
  bool known = has_label(group.networks) || base::parse_int(s.port_label).has_value();
  for (const Task& task : group.tasks)
    known = known || has_label(task.resources.networks);
  if (!known)
    c.add("{}.PortLabel: no port is labelled \"{}\"", at, base::printable(s.port_label, 64));
}

/// Whether a path below the allocation has more ".." than it has folders to leave.
bool climbs_out(const std::string& path) {
  int depth = 0;
  for (const std::string& part : base::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    depth += part == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

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

void check_periodic(Complaints& c, const PeriodicConfig& periodic) {
  if (periodic.spec_type != "cron")
    c.add("Job.Periodic.SpecType: \"{}\" is not cron", base::printable(periodic.spec_type, 64));
  if (!periodic.spec.empty() && !periodic.specs.empty())
    c.add("Job.Periodic: Spec and Specs exclude each other");
  if (periodic.spec.empty() && periodic.specs.empty()) c.add("Job.Periodic.Specs: missing");
  if (periodic.specs.size() > cron_specs_max)
    return c.add("Job.Periodic.Specs: {} of them, the limit is {}", periodic.specs.size(),
                 cron_specs_max);
  const auto check = [&](const std::string& at, const std::string& spec) {
    if (const auto cron = base::Cron::parse(spec); !cron) c.add("{}: {}", at, cron.error().message);
  };
  if (!periodic.spec.empty()) check("Job.Periodic.Spec", periodic.spec);
  for (std::size_t i = 0; i < periodic.specs.size(); ++i)
    check(fmt::format("Job.Periodic.Specs[{}]", i), periodic.specs[i]);
  if (const auto file = base::time_zone_file(periodic.time_zone); !file)
    c.add("Job.Periodic.TimeZone: {}", file.error().message);
}

void check_parameterized(Complaints& c, const ParameterizedJob& parameterized) {
  static const std::set<std::string> payloads = {"optional", "required", "forbidden"};
  if (!payloads.contains(parameterized.payload))
    c.add("Job.ParameterizedJob.Payload: \"{}\" is none of optional, required, forbidden",
          base::printable(parameterized.payload, 64));
  const std::set<std::string> required(parameterized.meta_required.begin(),
                                       parameterized.meta_required.end());
  for (const std::string& key : parameterized.meta_optional)
    if (required.contains(key))
      c.add("Job.ParameterizedJob.MetaOptional: \"{}\" is required too", base::printable(key, 64));
}

void check_task(Complaints& c, const std::string& at, const Task& task, const TaskGroup& group) {
  check_folder_name(c, at + ".Name", task.name);
  if (task.name == "alloc") c.add("{}.Name: \"alloc\" is the name of the shared directory", at);
  if (task.driver.empty()) c.add("{}.Driver: missing", at);
  c.not_negative(at + ".KillTimeout", task.kill_timeout);
  c.not_negative(at + ".ShutdownDelay", task.shutdown_delay);
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
  check_constraints(c, at, task.constraints);
  for (const Constraint& constraint : task.constraints)
    if (constraint.operand.starts_with("distinct_"))
      c.add("{}.Constraints: {} belongs to the group or the job", at, constraint.operand);
  check_restart(c, at, task.restart);
  check_templates(c, at, task);
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
  for (std::size_t i = 0; i < task.services.size(); ++i)
    check_service(c, fmt::format("{}.Services[{}]", at, i), task.services[i], group, true);
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
  if (task.dispatch_payload) check_dispatch_payload(c, at, *task.dispatch_payload);
  if (task.lifecycle) {
    static const std::set<std::string> hooks = {"prestart", "poststart", "poststop"};
    if (!hooks.contains(task.lifecycle->hook))
      c.add("{}.Lifecycle.Hook: \"{}\" is none of prestart, poststart, poststop", at,
            base::printable(task.lifecycle->hook, 64));
  }
}

void check_group(Complaints& c, const std::string& at, const TaskGroup& group, const Job& job) {
  check_folder_name(c, at + ".Name", group.name);
  c.range(at + ".Count", group.count, 0, group_count_max);
  const bool everywhere = job.type == JobType::system || job.type == JobType::sysbatch;
  if (everywhere && group.count > 1)
    c.add("{}.Count: {} jobs run once per node, so at most 1", at, name_of(job.type));
  if (group.tasks.empty())
    c.add("{}.Tasks: missing", at);
  else if (std::ranges::none_of(group.tasks, &Task::is_main))
    c.add("{}.Tasks: all of them are lifecycle hooks", at);
  if (std::ranges::count_if(group.tasks, &Task::leader) > 1)
    c.add("{}.Tasks: more than one leader", at);
  std::set<std::string> names;
  for (const Task& task : group.tasks)
    if (!names.insert(task.name).second) c.add("{}.Tasks: \"{}\" is there twice", at, task.name);
  c.range(at + ".EphemeralDisk.SizeMB", group.ephemeral_disk.size_mb, 10, 1'000'000'000);
  check_constraints(c, at, group.constraints);
  check_restart(c, at, group.restart);
  if (group.reschedule && everywhere)
    c.add("{}.ReschedulePolicy: not for {} jobs", at, name_of(job.type));
  else if (group.reschedule)
    check_reschedule(c, at, *group.reschedule);
  if (group.update) check_update(c, at, *group.update, group.count);
  if (everywhere && (!group.affinities.empty() || !group.spreads.empty()))
    c.add("{}: affinities and spreads have no meaning for {} jobs", at, name_of(job.type));
  if (group.networks.size() > 1)
    c.add("{}.Networks: {} of them, at most 1", at, group.networks.size());
  check_networks(c, at, group.networks);
  for (std::size_t i = 0; i < group.services.size(); ++i)
    check_service(c, fmt::format("{}.Services[{}]", at, i), group.services[i], group, false);
  for (const auto& [name, volume] : group.volumes) {
    const std::string where = fmt::format("{}.Volumes[{}]", at, name);
    if (volume.type != "host" && volume.type != "csi")
      c.add("{}.Type: \"{}\" is neither host nor csi", where, base::printable(volume.type, 64));
    if (volume.source.empty()) c.add("{}.Source: missing", where);
  }
  if (group.disconnect)
    for (const std::string& line : complaints(*group.disconnect))
      c.add("{}.Disconnect.{}", at, line);
  if (group.scaling)
    for (const std::string& line : complaints(*group.scaling, group.count))
      c.add("{}.Scaling: {}", at, line);
  if (group.max_run_duration != Duration(0) && job.type != JobType::batch &&
      job.type != JobType::sysbatch)
    c.add("{}.MaxRunDuration: only for batch and sysbatch jobs", at);
  for (std::size_t i = 0; i < group.tasks.size(); ++i)
    check_task(c, fmt::format("{}.Tasks[{}]", at, i), group.tasks[i], group);
}

}  // namespace

std::vector<std::string> validate(const Job& job) {
  Complaints c;
  check_name(c, "Job.ID", job.id);
  check_name(c, "Job.Namespace", job.ns);
  if (job.name.empty()) c.add("Job.Name: missing");
  c.range("Job.Priority", job.priority, 1, 100);
  if (job.datacenters.empty()) c.add("Job.Datacenters: missing");
  for (std::size_t i = 0; i < job.datacenters.size(); ++i)
    if (job.datacenters[i].empty()) c.add("Job.Datacenters[{}]: empty", i);
  if (job.groups.empty()) c.add("Job.TaskGroups: missing");
  std::set<std::string> names;
  std::int64_t total = 0;
  for (const TaskGroup& group : job.groups) {
    total += group.count;
    if (!names.insert(group.name).second)
      c.add("Job.TaskGroups: \"{}\" is there twice", group.name);
  }
  if (total > group_count_max)
    c.add("Job.TaskGroups: {} allocations in all, the limit is {}", total, group_count_max);
  check_constraints(c, "Job", job.constraints);
  const bool ends = job.type == JobType::batch || job.type == JobType::sysbatch;
  if (job.periodic && !ends) c.add("Job.Periodic: only for batch and sysbatch jobs");
  if (job.parameterized && !ends) c.add("Job.ParameterizedJob: only for batch and sysbatch jobs");
  if (job.periodic) check_periodic(c, *job.periodic);
  if (job.parameterized) check_parameterized(c, *job.parameterized);
  for (std::size_t i = 0; i < job.groups.size(); ++i)
    check_group(c, fmt::format("Job.TaskGroups[{}]", i), job.groups[i], job);
  return c.take();
}

std::vector<std::string> warnings(const Job& job) {
  std::vector<std::string> list;
  int canaries = 0, promoted = 0;
  for (const TaskGroup& group : job.groups) {
    if (!group.update || group.update->canary == 0) continue;
    ++canaries;
    promoted += group.update->auto_promote ? 1 : 0;
  }
  if (promoted > 0 && promoted < canaries)
    list.push_back("auto_promote is not set for all groups with canaries: none promotes itself");
  for (const TaskGroup& group : job.groups) {
    if (group.update && group.update->max_parallel > group.count && group.count > 0)
      list.push_back(fmt::format("Group \"{}\": max_parallel {} is above count {}", group.name,
                                 group.update->max_parallel, group.count));
    for (const Task& task : group.tasks)
      if (!task.resources.networks.empty())
        list.push_back(fmt::format(
            "Task \"{}\": network resources of a task are deprecated, use the group's network",
            task.name));
  }
  return list;
}

std::vector<std::string> not_built(const Job& job) {
  std::vector<std::string> names;
  const auto refuse = [&](bool present, std::string name) {
    if (present) names.push_back(std::move(name));
  };
  refuse(!job.multiregion.is_null(), "multiregion");
  for (const TaskGroup& group : job.groups) {
    const std::string at = fmt::format("group \"{}\": ", group.name);
    refuse(!group.consul.is_null(), at + "consul");
    const bool everywhere = job.type == JobType::system || job.type == JobType::sysbatch;
    refuse(everywhere && group.disconnect, at + "disconnect in a system job");
    refuse(everywhere && group.update && group.update->canary > 0,
           at + "update.canary in a system job");
    refuse(group.max_run_duration > base::Duration(0), at + "max_run_duration");
    for (const auto& [name, volume] : group.volumes) {
      refuse(volume.type == "csi", at + "volume of type csi");
      refuse(volume.per_alloc, at + "volume.per_alloc");
    }
    const auto refuse_service = [&](const Service& service) {
      refuse(!service.connect.is_null(), at + "service.connect");
      refuse(service.provider == "consul",
             at + "service with provider \"consul\" (the registry is not built yet)");
      for (const ServiceCheck& check : service.checks)
        refuse(check.protocol == "https", at + "check with protocol https");
    };
    std::ranges::for_each(group.services, refuse_service);
    for (const Task& task : group.tasks) {
      const std::string where = fmt::format("task \"{}\": ", task.name);
      std::ranges::for_each(task.services, refuse_service);
      for (const Artifact& artifact : task.artifacts)
        if (const std::string getter = unbuilt_getter(artifact.source); !getter.empty())
          refuse(true, where + "artifact by " + getter);
      refuse(!task.vault.is_null(), where + "vault");
      refuse(!task.consul.is_null(), where + "consul");
      refuse(!task.csi_plugin.is_null(), where + "csi_plugin");
      refuse(!task.secrets.empty(), where + "secret");
      refuse(!task.schedule.is_null(), where + "schedule");
      refuse(!task.resources.devices.empty(), where + "device");
      refuse(!task.resources.numa.is_null(), where + "numa");
      refuse(!task.identities.empty() ||
                 (task.identity && (task.identity->env || task.identity->file)),
             where + "identity");
    }
  }
  return names;
}

}  // namespace caravan::model
