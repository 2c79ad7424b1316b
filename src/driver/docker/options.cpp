// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/options.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/config.hpp"

namespace caravan::driver::docker {
namespace {

const std::string where = "plugin \"docker\" config";

/// Reads the block `key`, when there is one, with `read`.
template <class Read>
base::Status inside(ConfigReader& reader, const char* key, Read read) {
  for (const json::Object* block : reader.blocks(key)) {
    ConfigReader inner(*block, where + "." + key);
    read(inner);
    TRY_VOID(inner.finish());
  }
  return {};
}

base::Status duration(ConfigReader& reader, const char* key, base::Duration& into) {
  const std::string text = reader.text(key);
  if (text.empty()) return {};
  const base::Result<base::Duration> read = base::parse_duration(text);
  if (!read) return base::invalid(fmt::format("{}.{}: {}", where, key, read.error().message));
  into = *read;
  return {};
}

base::Status endpoint(ConfigReader& reader, Options& options) {
  const std::string text = reader.text("endpoint");
  if (text.empty()) return {};
  if (!text.starts_with("unix://"))
    return base::invalid(fmt::format(
        "{}.endpoint: \"{}\": only unix:///path/to/docker.sock is built yet", where, text));
  options.socket = text.substr(7);
  return {};
}

base::Status known_without_effect(ConfigReader& reader, std::vector<std::string>& ignored) {
  for (const char* key :
       {"infra_image", "infra_image_pull_timeout", "nvidia_runtime", "oom_score_adj",
        "pull_activity_timeout", "tls", "windows_allow_insecure_container_admin"})
    if (reader.raw(key)) ignored.push_back(key);
  return inside(reader, "gc", [&](ConfigReader& gc) {
    for (const char* key : {"image", "image_delay", "dangling_containers"})
      if (gc.raw(key)) ignored.push_back(std::string("gc.") + key);
    (void)gc.flag("container", true);
  });
}

void read_allowed(ConfigReader& reader, Options& options) {
  options.allows_privileged = reader.flag("allow_privileged", false);
  if (reader.has("allow_caps")) options.allow_caps = reader.list("allow_caps");
  if (reader.has("allow_runtimes")) options.allow_runtimes = reader.list("allow_runtimes");
  options.pids_limit_max = reader.number("pids_limit", 0);
}

base::Status read_blocks(ConfigReader& reader, Options& options) {
  TRY_VOID(inside(reader, "auth", [&](ConfigReader& auth) {
    options.auth_config = auth.text("config");
    options.auth_helper = auth.text("helper");
  }));
  TRY_VOID(inside(reader, "gc", [&](ConfigReader& gc) {
    for (const char* key : {"image", "image_delay", "dangling_containers"})
      (void)gc.raw(key);
    options.removes_containers = gc.flag("container", true);
  }));
  TRY_VOID(inside(reader, "volumes", [&](ConfigReader& volumes) {
    options.allows_volumes = volumes.flag("enabled", false);
    options.selinux_label = volumes.text("selinuxlabel");
  }));
  TRY_VOID(inside(reader, "logging", [&](ConfigReader& logging) {
    if (const std::string type = logging.text("type"); !type.empty()) options.log_driver = type;
    for (const auto& [name, value] : logging.pairs("config"))
      options.log_options[name] = value;
  }));
  return inside(reader, "allowed_modes", [&](ConfigReader& modes) {
    options.pid_modes = modes.list("pid");
    options.ipc_modes = modes.list("ipc");
    options.userns_modes = modes.list("userns");
    options.uts_modes = modes.list("uts");
  });
}

}  // namespace

base::Result<Options> read_options(const json::Value& block, std::vector<std::string>& ignored) {
  Options options;
  if (block.is_null()) return options;
  if (!block.as_object()) return base::invalid(where + ": not a block");
  ConfigReader reader(*block.as_object(), where);
  TRY_VOID(endpoint(reader, options));
  options.extra_labels = reader.list("extra_labels");
  read_allowed(reader, options);
  TRY_VOID(read_blocks(reader, options));
  TRY_VOID(duration(reader, "image_pull_timeout", options.pull_timeout));
  options.name_attempts = static_cast<int>(reader.number("container_exists_attempts", 5));
  options.collects_logs = !reader.flag("disable_log_collection", false);
  TRY_VOID(known_without_effect(reader, ignored));
  TRY_VOID(reader.finish());
  return options;
}

}  // namespace caravan::driver::docker
