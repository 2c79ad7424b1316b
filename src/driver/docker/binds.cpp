// SPDX-License-Identifier: Apache-2.0
// Which folders of the host a container may see. Relative paths begin in the task's folder and may
// climb as far as the allocation's; anything else is the operator's to allow.
#include <filesystem>

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/docker/spec.hpp"

namespace caravan::driver::docker {
namespace {

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool is_inside(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

/// Lexically: "." and ".." are gone, no trailing slash.
std::string plain_path(const std::string& path) {
  std::string plain = std::filesystem::path(path).lexically_normal().string();
  if (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  return plain;
}

std::string options_of(const TaskSpec::Mount& mount) {
  using Propagation = TaskSpec::Mount::Propagation;
  std::string words = mount.read_only ? "ro" : "rw";
  if (mount.propagation == Propagation::host_to_task) words += ",rslave";
  if (mount.propagation == Propagation::bidirectional) words += ",rshared";
  return words;
}

base::Result<Bind> bind_of(const TaskSpec& spec, const Options& options, const char* key,
                           const std::string& source, std::string target) {
  Bind bind;
  bind.source = plain_path(source.starts_with('/') ? source : spec.task_dir + "/" + source);
  bind.target = std::move(target);
  bind.must_stay_inside = !options.allows_volumes;
  if (!options.allows_volumes && !is_inside(bind.source, parent_of(spec.alloc_dir)))
    return base::invalid(
        fmt::format("config.{}: volumes are not enabled in plugin \"docker\" on this node; cannot "
                    "mount the host path \"{}\"",
                    key, base::printable(source, 200)));
  return bind;
}

/// "source:target" or "source:target:ro,Z".
base::Result<Bind> read_volume(const TaskSpec& spec, const Config& config, const Options& options,
                               const std::string& text) {
  const std::vector<std::string> parts = base::split(text, ':');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty() || !parts[1].starts_with('/'))
    return base::invalid(fmt::format("config.volumes: \"{}\" is not SOURCE:/TARGET[:OPTIONS]",
                                     base::printable(text, 200)));
  Bind bind{parts[0], parts[1], "", false};  // a volume's name, when a driver is to find it
  if (config.volume_driver.empty()) {
    TRY(bind, bind_of(spec, options, "volumes", parts[0], parts[1]));
  }
  if (parts.size() == 3) bind.options = parts[2];
  if (!options.selinux_label.empty())
    bind.options += (bind.options.empty() ? "" : ",") + options.selinux_label;
  return bind;
}

}  // namespace

base::Result<std::vector<Bind>> binds(const TaskSpec& spec, const Config& config,
                                      const Options& options) {
  const std::string label = options.selinux_label;
  std::vector<Bind> all = {{spec.alloc_dir, "/alloc", label},
                           {spec.task_dir + "/local", "/local", label},
                           {spec.task_dir + "/secrets", "/secrets", label}};
  // Logs are the agent's to write: whoever could put a link there would have it write elsewhere.
  all.push_back({spec.alloc_dir + "/logs", "/alloc/logs", label.empty() ? "ro" : "ro," + label});
  for (const TaskSpec::Mount& mount : spec.mounts)
    all.push_back({mount.host_path, mount.task_path, options_of(mount)});
  const bool own_resolver = !config.dns_servers.empty() || !config.dns_search_domains.empty() ||
                            !config.dns_options.empty();
  for (const TaskSpec::Mount& file : spec.name_files) {
    if (!joins_group_network(spec, config)) break;
    if (file.task_path == "/etc/resolv.conf" && own_resolver) continue;
    if (file.task_path == "/etc/hosts" && !config.extra_hosts.empty()) continue;
    all.push_back({file.host_path, file.task_path, options_of(file)});
  }
  for (const Bind& bind : all)
    if (bind.source.find(':') != std::string::npos || bind.target.find(':') != std::string::npos)
      return base::invalid(
          fmt::format("\"{}\": the engine cannot mount a path with a colon in it", bind.source));
  for (const std::string& text : config.volumes) {
    TRY(Bind bind, read_volume(spec, config, options, text));
    all.push_back(std::move(bind));
  }
  for (const Mount& mount : config.mounts) {
    if (mount.type != "bind") continue;
    TRY(Bind bind, bind_of(spec, options, "mount", mount.source, mount.target));
    if (bind.source.find(':') != std::string::npos || bind.target.find(':') != std::string::npos)
      return base::invalid("config.mount: the engine cannot mount a path with a colon in it");
    bind.options = mount.read_only ? "ro" : "";
    if (!mount.propagation.empty())
      bind.options += (bind.options.empty() ? "" : ",") + mount.propagation;
    all.push_back(std::move(bind));
  }
  return all;
}

}  // namespace caravan::driver::docker
