// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/spec.hpp"

#include <cctype>

#include <fmt/core.h>

#include "base/text.hpp"
#include "json/writer.hpp"

namespace caravan::driver::docker {
namespace {

using json::Array;
using json::Object;

constexpr std::int64_t megabyte = 1024 * 1024;
constexpr std::int64_t shares_per_core = 1024, shares_min = 2;

Array array_of(const std::vector<std::string>& list) { return Array(list.begin(), list.end()); }

Object object_of(const std::map<std::string, std::string>& map) {
  Object object;
  for (const auto& [name, value] : map)
    object[name] = value;
  return object;
}

Object labels(const TaskSpec& spec, const Config& config, const Options& options,
              const std::string& run) {
  Object all = object_of(config.labels);
  const std::pair<const char*, const std::string&> offered[] = {
      {"job_name", spec.job_name},     {"job_id", spec.job},     {"parent_job_id", spec.parent_job},
      {"task_group_name", spec.group}, {"task_name", spec.task}, {"namespace", spec.job_namespace},
      {"node_name", spec.node_name},   {"node_id", spec.node_id}};
  for (const auto& [name, value] : offered) {
    const auto wanted = [&](const std::string& glob) { return base::glob_match(glob, name); };
    if (!value.empty() && std::ranges::any_of(options.extra_labels, wanted))
      all[std::string("com.hashicorp.nomad.") + name] = value;
  }
  all[alloc_label] = spec.alloc_id.to_string();
  all[run_label] = run;
  return all;
}

struct Published {
  Object exposed, bindings;
};

/// Both protocols, as users of the field expect. `to` -1 and 0 mean the host's number.
void publish(Published& published, const model::PortMapping& port, int inside) {
  for (const char* protocol : {"tcp", "udp"}) {
    const std::string key = fmt::format("{}/{}", inside, protocol);
    published.exposed[key] = Object();
    const Object host = {{"HostIp", port.host_ip}, {"HostPort", fmt::format("{}", port.value)}};
    json::Value& list = published.bindings[key];
    if (!list.as_array()) list = Array();
    list.as_array()->push_back(host);
  }
}

base::Result<Published> published_ports(const TaskSpec& spec, const Config& config) {
  Published published;
  const auto find = [&](const std::string& label) {
    return std::ranges::find(spec.ports, label, &model::PortMapping::label);
  };
  for (const std::string& label : config.ports) {
    const auto port = find(label);
    if (port == spec.ports.end())
      return base::invalid(fmt::format("config.ports: the group's network has no port \"{}\"",
                                       base::printable(label, 64)));
    publish(published, *port, port->to > 0 ? port->to : port->value);
  }
  for (const auto& [label, inside] : config.port_map) {
    const auto port = find(label);
    if (port == spec.ports.end())
      return base::invalid(fmt::format("config.port_map: the group's network has no port \"{}\"",
                                       base::printable(label, 64)));
    publish(published, *port, inside);
  }
  return published;
}

void limit_memory(Object& host, const TaskSpec& spec, const Config& config) {
  const model::Resources& r = spec.resources;
  std::int64_t hard = r.memory_mb, soft = 0;
  if (r.memory_mb_max > 0) hard = std::max(r.memory_mb, r.memory_mb_max);
  if (config.memory_hard_mb > 0) hard = config.memory_hard_mb;
  if (hard != r.memory_mb) soft = r.memory_mb;
  if (r.memory_mb_max < 0 && config.memory_hard_mb <= 0) {
    hard = 0;
    soft = r.memory_mb;
  }
  if (hard > 0) {
    host["Memory"] = hard * megabyte;
    host["MemorySwap"] = hard * megabyte;  // memory and swap together: no swap
  }
  if (soft > 0) host["MemoryReservation"] = soft * megabyte;
}

void limit_cpu(Object& host, const TaskSpec& spec, const Config& config, const Options& options) {
  const model::Resources& r = spec.resources;
  const std::int64_t shares = r.cores > 0 ? r.cores * shares_per_core : r.cpu;
  host["CpuShares"] = std::max(shares, shares_min);
  if (config.cpu_hard_limit) {
    const double cores = r.cores > 0 ? r.cores : r.cpu / options.core_mhz;
    host["CpuPeriod"] = config.cpu_period_us;
    host["CpuQuota"] = std::max<std::int64_t>(
        1000, static_cast<std::int64_t>(cores * static_cast<double>(config.cpu_period_us)));
  }
  if (!config.cpuset_cpus.empty()) host["CpusetCpus"] = config.cpuset_cpus;
}

void limit_others(Object& host, const Config& config, const Options& options) {
  const std::int64_t pids = config.pids_limit > 0 ? config.pids_limit : options.pids_limit_max;
  if (pids > 0) host["PidsLimit"] = pids;
  if (config.shm_bytes > 0) host["ShmSize"] = config.shm_bytes;
  if (config.oom_score_adj != 0) host["OomScoreAdj"] = config.oom_score_adj;
  if (!config.sysctl.empty()) host["Sysctls"] = object_of(config.sysctl);
  if (!config.storage_opt.empty()) host["StorageOpt"] = object_of(config.storage_opt);
  Array ulimits;
  for (const Ulimit& limit : config.ulimits)
    ulimits.push_back(Object{{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
  if (!ulimits.empty()) host["Ulimits"] = ulimits;
}

base::Status isolate(Object& host, const Config& config, const Options& options) {
  host["Privileged"] = config.privileged;
  host["ReadonlyRootfs"] = config.readonly_rootfs;
  if (!config.privileged) {
    // Named one by one: the engine's own default has more in it.
    TRY(const std::vector<std::string> caps,
        capabilities(config.cap_add, config.cap_drop, options.allow_caps));
    host["CapDrop"] = Array{"ALL"};
    host["CapAdd"] = array_of(caps);
  }
  const std::pair<const char*, const std::string&> modes[] = {{"UTSMode", config.uts_mode},
                                                              {"UsernsMode", config.userns_mode},
                                                              {"CgroupnsMode", config.cgroupns},
                                                              {"Runtime", config.runtime}};
  for (const auto& [key, mode] : modes)
    if (!mode.empty()) host[key] = mode;
  if (config.pid_mode == "host") host["PidMode"] = "host";  // its own otherwise
  host["IpcMode"] = config.ipc_mode.empty() ? "private" : config.ipc_mode;
  if (!config.security_opt.empty()) host["SecurityOpt"] = array_of(config.security_opt);
  if (!config.group_add.empty()) host["GroupAdd"] = array_of(config.group_add);
  return {};
}

Array engine_mounts(const Config& config) {
  Array all;
  for (const Mount& mount : config.mounts) {
    if (mount.type == "bind") continue;
    Object one = {{"Type", mount.type}, {"Target", mount.target}, {"ReadOnly", mount.read_only}};
    if (mount.type == "tmpfs") {
      Object options;
      if (mount.tmpfs_bytes > 0) options["SizeBytes"] = mount.tmpfs_bytes;
      if (mount.tmpfs_mode > 0) options["Mode"] = mount.tmpfs_mode;
      one["TmpfsOptions"] = options;
    } else {
      one["Source"] = mount.source;
      Object options = {{"NoCopy", mount.no_copy}, {"Labels", object_of(mount.volume_labels)}};
      if (!mount.volume_driver.empty())
        options["DriverConfig"] =
            Object{{"Name", mount.volume_driver}, {"Options", object_of(mount.volume_options)}};
      one["VolumeOptions"] = options;
    }
    all.push_back(one);
  }
  return all;
}

void add_storage(Object& host, const TaskSpec& spec, const Config& config,
                 const std::vector<Bind>& binds) {
  Array list;
  for (const Bind& bind : binds)
    list.push_back(bind.source + ":" + bind.target +
                   (bind.options.empty() ? "" : ":" + bind.options));
  host["Binds"] = list;
  if (Array mounts = engine_mounts(config); !mounts.empty()) host["Mounts"] = mounts;
  if (!config.volume_driver.empty()) host["VolumeDriver"] = config.volume_driver;
  Array devices;
  for (const Device& device : config.devices)
    devices.push_back(Object{{"PathOnHost", device.host_path},
                             {"PathInContainer", device.container_path},
                             {"CgroupPermissions", device.permissions}});
  for (const TaskSpec::Device& device : spec.devices)
    devices.push_back(Object{{"PathOnHost", device.host_path},
                             {"PathInContainer", device.task_path},
                             {"CgroupPermissions", device.permissions}});
  if (!devices.empty()) host["Devices"] = devices;
}

/// The engine's own copy of the output must outlast the agent's absence, and no more than that.
Object logging(const TaskSpec& spec, const Config& config, const Options& options) {
  if (!config.log_driver.empty() || !config.log_options.empty())
    return Object{{"Type", config.log_driver.empty() ? options.log_driver : config.log_driver},
                  {"Config", object_of(config.log_options)}};
  std::map<std::string, std::string> words = options.log_options;
  if (words.empty() && options.log_driver == "json-file")
    words = {{"max-file", "2"}, {"max-size", fmt::format("{}m", spec.log_file_mb_max)}};
  return Object{{"Type", options.log_driver}, {"Config", object_of(words)}};
}

/// What only networks of the user's own take.
void add_endpoint(Object& body, const Config& config) {
  Object address, endpoint;
  if (!config.ipv4_address.empty()) address["IPv4Address"] = config.ipv4_address;
  if (!config.ipv6_address.empty()) address["IPv6Address"] = config.ipv6_address;
  if (!address.empty()) endpoint["IPAMConfig"] = address;
  if (!config.network_aliases.empty()) endpoint["Aliases"] = array_of(config.network_aliases);
  if (endpoint.empty()) return;
  const std::string network = config.network_mode.empty() ? "default" : config.network_mode;
  Object endpoints;
  endpoints[network] = endpoint;
  body["NetworkingConfig"] = Object{{"EndpointsConfig", endpoints}};
}

void add_network(Object& body, Object& host, const TaskSpec& spec, const Config& config) {
  host["NetworkMode"] = config.network_mode.empty() ? "default" : config.network_mode;
  add_names(body, host, spec, config);
  if (!config.mac_address.empty()) body["MacAddress"] = config.mac_address;
  add_endpoint(body, config);
}

void add_program(Object& body, const TaskSpec& spec, const Config& config) {
  body["Image"] = config.image;
  Array words;
  if (!config.command.empty()) words.push_back(config.command);
  for (const std::string& argument : config.args)
    words.push_back(argument);
  if (!words.empty()) body["Cmd"] = words;
  if (config.entrypoint) body["Entrypoint"] = array_of(*config.entrypoint);
  Array env;
  for (const auto& [name, value] : spec.env)
    env.push_back(name + "=" + value);
  body["Env"] = env;
  if (!spec.user.empty()) body["User"] = spec.user;
  if (!config.work_dir.empty()) body["WorkingDir"] = config.work_dir;
  body["Tty"] = config.tty;
  body["OpenStdin"] = config.interactive;
  if (config.no_healthcheck) body["Healthcheck"] = Object{{"Test", Array{"NONE"}}};
}

}  // namespace

void add_names(Object& body, Object& host, const TaskSpec& spec, const Config& config) {
  const std::string& name = config.hostname.empty() ? spec.hostname : config.hostname;
  if (!name.empty()) body["Hostname"] = name;
  const std::pair<const char*, const std::vector<std::string>&> lists[] = {
      {"Dns", config.dns_servers},
      {"DnsSearch", config.dns_search_domains},
      {"DnsOptions", config.dns_options},
      {"ExtraHosts", config.extra_hosts}};
  for (const auto& [key, list] : lists)
    if (!list.empty()) host[key] = array_of(list);
}

std::string container_name(const TaskSpec& spec) {
  std::string name = spec.task;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '-') c = '_';
  if (!name.empty() && !std::isalnum(static_cast<unsigned char>(name.front()))) name[0] = 'x';
  return name + "-" + spec.alloc_id.to_string();
}

std::string holder_name(const TaskSpec& spec) { return container_name(spec) + ".net"; }

/// A network_mode of the task's own goes before the group's.
bool joins_group_network(const TaskSpec& spec, const Config& config) {
  return !spec.network_namespace.empty() && config.network_mode.empty();
}

base::Result<json::Value> create_request(const TaskSpec& spec, const Config& config,
                                         const Options& options, const std::vector<Bind>& binds,
                                         const std::string& run) {
  Object body, host;
  add_program(body, spec, config);
  body["Labels"] = labels(spec, config, options, run);
  TRY(const Published published, published_ports(spec, config));
  const bool joins = joins_group_network(spec, config);
  const bool has_own_network = config.network_mode != "host" && config.network_mode != "none";
  if (has_own_network && !joins && !published.exposed.empty()) {
    body["ExposedPorts"] = published.exposed;
    host["PortBindings"] = published.bindings;
  }
  limit_memory(host, spec, config);
  limit_cpu(host, spec, config, options);
  limit_others(host, config, options);
  TRY_VOID(isolate(host, config, options));
  add_storage(host, spec, config, binds);
  if (joins)
    host["NetworkMode"] = "container:" + holder_name(spec);
  else
    add_network(body, host, spec, config);
  host["Init"] = config.init;
  host["LogConfig"] = logging(spec, config, options);
  host["RestartPolicy"] = Object{{"Name", "no"}};  // the client restarts
  body["HostConfig"] = host;
  return json::Value(body);
}

}  // namespace caravan::driver::docker
