// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/config.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/config.hpp"

namespace caravan::driver::docker {
namespace {

using Map = std::map<std::string, std::string>;

bool is_in(const std::vector<std::string>& list, const std::string& word) {
  return std::ranges::find(list, word) != list.end();
}

Map map_of(ConfigReader& reader, const char* key) {
  Map all;
  for (auto& [name, value] : reader.pairs(key))
    all[name] = value;
  return all;
}

base::Result<Mount> read_mount(const json::Object& block) {
  ConfigReader reader(block, "config.mount");
  Mount mount;
  if (const std::string type = reader.text("type"); !type.empty()) mount.type = type;
  mount.target = reader.required_text("target");
  mount.source = reader.text("source");
  mount.read_only = reader.flag("readonly", false);
  for (const json::Object* inner : reader.blocks("bind_options")) {
    ConfigReader options(*inner, "config.mount.bind_options");
    mount.propagation = options.text("propagation");
    TRY_VOID(options.finish());
  }
  for (const json::Object* inner : reader.blocks("tmpfs_options")) {
    ConfigReader options(*inner, "config.mount.tmpfs_options");
    mount.tmpfs_bytes = options.number("size", 0);
    mount.tmpfs_mode = options.number("mode", 0);
    TRY_VOID(options.finish());
  }
  for (const json::Object* inner : reader.blocks("volume_options")) {
    ConfigReader options(*inner, "config.mount.volume_options");
    mount.no_copy = options.flag("no_copy", false);
    mount.volume_labels = map_of(options, "labels");
    for (const json::Object* driver : options.blocks("driver_config")) {
      ConfigReader words(*driver, "config.mount.volume_options.driver_config");
      mount.volume_driver = words.text("name");
      mount.volume_options = map_of(words, "options");
      TRY_VOID(words.finish());
    }
    TRY_VOID(options.finish());
  }
  TRY_VOID(reader.finish());
  if (mount.type != "volume" && mount.type != "bind" && mount.type != "tmpfs")
    return base::invalid(fmt::format("config.mount.type: \"{}\" is not volume, bind or tmpfs",
                                     base::printable(mount.type, 64)));
  if (mount.type == "bind" && mount.source.empty())
    return base::invalid("config.mount.source: missing");
  return mount;
}

base::Status read_mounts(ConfigReader& reader, Config& config) {
  for (const char* key : {"mounts", "mount"})
    for (const json::Object* block : reader.blocks(key)) {
      TRY(Mount mount, read_mount(*block));
      config.mounts.push_back(std::move(mount));
    }
  for (const json::Object* block : reader.blocks("devices")) {
    ConfigReader words(*block, "config.devices");
    Device device;
    device.host_path = words.required_text("host_path");
    device.container_path = words.text("container_path");
    if (device.container_path.empty()) device.container_path = device.host_path;
    if (const std::string may = words.text("cgroup_permissions"); !may.empty())
      device.permissions = may;
    TRY_VOID(words.finish());
    config.devices.push_back(std::move(device));
  }
  return {};
}

/// "1024", or "1024:2048" for a soft and a hard limit.
base::Result<Ulimit> read_ulimit(const std::string& name, const std::string& text) {
  const std::vector<std::string> parts = base::split(text, ':');
  const base::Result<long long> soft = base::parse_int(parts.front()),
                                hard = base::parse_int(parts.back());
  if (!soft || !hard || parts.size() > 2)
    return base::invalid(fmt::format("config.ulimit.{}: \"{}\" is neither N nor SOFT:HARD", name,
                                     base::printable(text, 64)));
  return Ulimit{name, *soft, *hard};
}

base::Status read_limits(ConfigReader& reader, Config& config) {
  for (const auto& [name, text] : reader.pairs("ulimit")) {
    TRY(Ulimit limit, read_ulimit(name, text));
    config.ulimits.push_back(std::move(limit));
  }
  for (const auto& [label, text] : reader.pairs("port_map")) {
    const base::Result<long long> port = base::parse_int(text);
    if (!port || *port < 1 || *port > 65535)
      return base::invalid(fmt::format("config.port_map.{}: \"{}\" is not a port", label,
                                       base::printable(text, 64)));
    config.port_map[label] = static_cast<int>(*port);
  }
  config.sysctl = map_of(reader, "sysctl");
  config.storage_opt = map_of(reader, "storage_opt");
  config.shm_bytes = reader.number("shm_size", 0);
  config.pids_limit = reader.number("pids_limit", 0);
  config.memory_hard_mb = reader.number("memory_hard_limit", 0);
  config.oom_score_adj = reader.number("oom_score_adj", 0);
  config.cpu_hard_limit = reader.flag("cpu_hard_limit", false);
  config.cpu_period_us = reader.number("cpu_cfs_period", config.cpu_period_us);
  config.cpuset_cpus = reader.text("cpuset_cpus");
  if (config.cpu_period_us < 1000 || config.cpu_period_us > 1'000'000)
    return base::invalid(
        fmt::format("config.cpu_cfs_period: {} is outside 1000..1000000", config.cpu_period_us));
  return {};
}

void read_network(ConfigReader& reader, Config& config) {
  config.ports = reader.list("ports");
  config.network_mode = reader.text("network_mode");
  config.network_aliases = reader.list("network_aliases");
  config.ipv4_address = reader.text("ipv4_address");
  config.ipv6_address = reader.text("ipv6_address");
  config.mac_address = reader.text("mac_address");
  config.hostname = reader.text("hostname");
  config.extra_hosts = reader.list("extra_hosts");
  config.dns_servers = reader.list("dns_servers");
  config.dns_search_domains = reader.list("dns_search_domains");
  config.dns_options = reader.list("dns_options");
}

void read_isolation(ConfigReader& reader, Config& config) {
  config.cap_add = reader.list("cap_add");
  config.cap_drop = reader.list("cap_drop");
  config.privileged = reader.flag("privileged", false);
  config.readonly_rootfs = reader.flag("readonly_rootfs", false);
  config.security_opt = reader.list("security_opt");
  config.pid_mode = reader.text("pid_mode");
  config.ipc_mode = reader.text("ipc_mode");
  config.uts_mode = reader.text("uts_mode");
  config.userns_mode = reader.text("userns_mode");
  config.cgroupns = reader.text("cgroupns");
  config.runtime = reader.text("runtime");
  config.group_add = reader.list("group_add");
}

base::Status read_image(ConfigReader& reader, Config& config) {
  config.image = reader.required_text("image");
  config.load = reader.text("load");
  config.force_pull = reader.flag("force_pull", false);
  config.auth_soft_fail = reader.flag("auth_soft_fail", false);
  for (const json::Object* block : reader.blocks("auth")) {
    ConfigReader auth(*block, "config.auth");
    config.auth = {auth.text("username"), auth.text("password"), auth.text("server_address")};
    (void)auth.text("email");  // registries stopped asking long ago
    TRY_VOID(auth.finish());
  }
  if (const std::string text = reader.text("image_pull_timeout"); !text.empty()) {
    const base::Result<base::Duration> timeout = base::parse_duration(text);
    if (!timeout) return base::invalid("config.image_pull_timeout: " + timeout.error().message);
    config.pull_timeout = *timeout;
  }
  return {};
}

base::Status read_program(ConfigReader& reader, Config& config) {
  config.command = reader.text("command");
  config.args = reader.list("args");
  if (const json::Value* entrypoint = reader.raw("entrypoint")) {
    if (const std::string* one = entrypoint->as_string())
      config.entrypoint = {*one};
    else
      config.entrypoint = reader.list("entrypoint");
  }
  config.init = reader.flag("init", false);
  config.interactive = reader.flag("interactive", false);
  config.tty = reader.flag("tty", false);
  config.work_dir = reader.text("work_dir");
  config.labels = map_of(reader, "labels");
  config.volumes = reader.list("volumes");
  config.volume_driver = reader.text("volume_driver");
  for (const json::Object* block : reader.blocks("logging")) {
    ConfigReader logging(*block, "config.logging");
    const std::string type = logging.text("type"), driver = logging.text("driver");
    config.log_driver = type.empty() ? driver : type;
    config.log_options = map_of(logging, "config");
    TRY_VOID(logging.finish());
  }
  for (const json::Object* block : reader.blocks("healthchecks")) {
    ConfigReader checks(*block, "config.healthchecks");
    config.no_healthcheck = checks.flag("disable", false);
    TRY_VOID(checks.finish());
  }
  return {};
}

base::Status check_mode(const char* key, const std::string& mode,
                        const std::vector<std::string>& allowed,
                        const std::vector<std::string>& harmless) {
  if (mode.empty() || is_in(harmless, mode)) return {};
  if (mode != "host")
    return base::fail(base::Code::unsupported, fmt::format("config.{}: \"{}\" is not built yet",
                                                           key, base::printable(mode, 64)));
  if (is_in(allowed, mode)) return {};
  return base::invalid(fmt::format(
      "config.{}: \"host\" is not in allowed_modes of plugin \"docker\" on this node", key));
}

/// The command line reads a profile's file and sends what is in it; here only that is understood.
base::Status check_profiles(const std::vector<std::string>& options) {
  for (const std::string& option : options) {
    const bool is_file = (option.starts_with("seccomp=") || option.starts_with("seccomp:")) &&
                         !option.ends_with("unconfined") && option.find('{') == std::string::npos;
    if (is_file)
      return base::fail(base::Code::unsupported,
                        fmt::format("config.security_opt: \"{}\": profiles from files are not "
                                    "built yet; the profile's own text is taken",
                                    base::printable(option, 100)));
  }
  return {};
}

}  // namespace

base::Result<Config> read_config(const json::Object& block) {
  ConfigReader reader(block);
  Config config;
  TRY_VOID(read_image(reader, config));
  TRY_VOID(read_program(reader, config));
  read_network(reader, config);
  read_isolation(reader, config);
  TRY_VOID(read_limits(reader, config));
  TRY_VOID(read_mounts(reader, config));
  (void)reader.number("container_exists_attempts", 0);  // names are freed until they are free
  for (const char* key : {"advertise_ipv6_address", "isolation"})
    if (const json::Value* value = reader.raw(key); value && *value != json::Value(false))
      return base::fail(base::Code::unsupported, fmt::format("config.{}: not built yet", key));
  TRY_VOID(reader.finish());
  if (!config.ports.empty() && !config.port_map.empty())
    return base::invalid("config: ports and port_map may not be used together");
  return config;
}

base::Status check_allowed(const Config& config, const Options& options) {
  if (config.privileged && !options.allows_privileged)
    return base::invalid(
        "config.privileged: allow_privileged of plugin \"docker\" is off on this node");
  TRY_VOID(capabilities(config.cap_add, config.cap_drop, options.allow_caps));
  TRY_VOID(check_profiles(config.security_opt));
  TRY_VOID(check_mode("pid_mode", config.pid_mode, options.pid_modes, {"private"}));
  TRY_VOID(
      check_mode("ipc_mode", config.ipc_mode, options.ipc_modes, {"private", "shareable", "none"}));
  TRY_VOID(check_mode("uts_mode", config.uts_mode, options.uts_modes, {}));
  TRY_VOID(check_mode("cgroupns", config.cgroupns, {}, {"private", "host"}));
  TRY_VOID(check_mode("userns_mode", config.userns_mode, options.userns_modes, {}));
  if (config.network_mode.starts_with("container:"))
    return base::fail(base::Code::unsupported,
                      "config.network_mode: another container's network is not built yet");
  if (!config.runtime.empty() && !is_in(options.allow_runtimes, config.runtime))
    return base::invalid(
        fmt::format("config.runtime: \"{}\" is not in allow_runtimes of plugin "
                    "\"docker\" on this node",
                    base::printable(config.runtime, 64)));
  if (options.pids_limit_max > 0 && config.pids_limit > options.pids_limit_max)
    return base::invalid(fmt::format("config.pids_limit: {} is above this node's limit of {}",
                                     config.pids_limit, options.pids_limit_max));
  const auto needs_volumes = [&](bool asked, const char* what) -> base::Status {
    if (!asked || options.allows_volumes) return {};
    return base::invalid(
        fmt::format("config.{}: volumes are not enabled in plugin \"docker\" on this node", what));
  };
  TRY_VOID(needs_volumes(!config.devices.empty(), "devices"));
  TRY_VOID(needs_volumes(!config.volume_driver.empty(), "volume_driver"));
  const auto is_volume = [](const Mount& mount) { return mount.type == "volume"; };
  return needs_volumes(std::ranges::any_of(config.mounts, is_volume), "mount");
}

}  // namespace caravan::driver::docker
