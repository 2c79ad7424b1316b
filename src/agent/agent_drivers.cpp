// SPDX-License-Identifier: Apache-2.0
// The drivers of this node, as the configuration wants them.
#include "agent/agent.hpp"
#include "base/text.hpp"
#include "driver/docker/docker.hpp"
#include "driver/exec.hpp"
#include "driver/mock.hpp"
#include "driver/raw_exec.hpp"

namespace caravan::agent {
namespace {

json::Value plugin_config(const config::AgentConfig& config, const std::string& plugin) {
  const auto found = config.plugins.find(plugin);
  if (found == config.plugins.end()) return {};
  const json::Value& block = found->second.config;
  const json::Array* list = block.as_array();
  return list && !list->empty() ? list->front() : block;
}

bool plugin_flag(const config::AgentConfig& config, const std::string& plugin, const char* key) {
  const json::Value block = plugin_config(config, plugin);
  const bool* value = block.at(key).as_bool();
  return value && *value;
}

driver::ExecOptions exec_options(const config::AgentConfig& config,
                                 const std::map<std::string, std::string>& environment) {
  driver::ExecOptions options;
  const auto path = environment.find("PATH");
  options.path =
      base::split(path == environment.end() ? "/usr/sbin:/usr/bin:/sbin:/bin" : path->second, ':');
  options.chroot_env = config.client.chroot_env;
  const json::Value block = plugin_config(config, "exec");
  if (const std::string* mode = block.at("default_pid_mode").as_string())
    options.default_pid_mode = *mode;
  if (const std::string* mode = block.at("default_ipc_mode").as_string())
    options.default_ipc_mode = *mode;
  if (const json::Array* caps = block.at("allow_caps").as_array()) {
    options.allow_caps.clear();
    for (const json::Value& name : *caps)
      options.allow_caps.push_back(name.as_string() ? *name.as_string() : "");
  }
  return options;
}

base::Result<driver::docker::Options> docker_options(
    const config::AgentConfig& config, const std::map<std::string, std::string>& environment,
    const model::Node& node, const io::Logger& log) {
  std::vector<std::string> ignored;
  TRY(driver::docker::Options options,
      driver::docker::read_options(plugin_config(config, "docker"), ignored));
  for (const std::string& key : ignored)
    log.warn("a key of plugin \"docker\" has no effect yet", {{"key", key}});
  // The same in the words of older configurations, where there is no block.
  const auto old = [&](const char* key) {
    const auto found = config.client.options.find(key);
    return found == config.client.options.end() ? std::string() : found->second;
  };
  const auto is_on = [&](const char* key) { return old(key) == "1" || old(key) == "true"; };
  if (!config.plugins.contains("docker")) {
    options.auth_config = old("docker.auth.config");
    options.auth_helper = old("docker.auth.helper");
    options.allows_privileged = is_on("docker.privileged.enabled");
    options.allows_volumes = is_on("docker.volumes.enabled");
  }
  const auto path = environment.find("PATH");
  if (path != environment.end()) options.path = base::split(path->second, ':');
  const model::NodeCpu& cpu = node.resources.cpu;
  if (cpu.cores > 0 && cpu.shares > 0)
    options.core_mhz = static_cast<double>(cpu.shares) / static_cast<double>(cpu.cores);
  return options;
}

}  // namespace

base::Result<std::map<std::string, std::unique_ptr<driver::Driver>>> Agent::make_drivers(
    const model::Node& node) {
  const config::AgentConfig& c = options_.config;
  const auto option = c.client.options.find("driver.raw_exec.enable");
  const bool by_option =
      option != c.client.options.end() && (option->second == "1" || option->second == "true");
  std::map<std::string, std::unique_ptr<driver::Driver>> drivers;
  drivers["raw_exec"] = std::make_unique<driver::RawExec>(
      *supervisors_, by_option || plugin_flag(c, "raw_exec", "enabled"));
  const std::string state = c.client.state_dir.empty() ? data_dir_ + "/client" : c.client.state_dir;
  const std::string runs = state + "/run";
  driver::ExecOptions exec = exec_options(c, environment_);
  exec.trial_dir = runs + "/trial";
  drivers["exec"] = std::make_unique<driver::Exec>(world_, *supervisors_, std::move(exec));
  TRY(driver::docker::Options docker, docker_options(c, environment_, node, log_));
  docker.holder_program = state + "/caravan-holder";
  drivers["docker"] = std::make_unique<driver::docker::Docker>(world_, std::move(docker), runs,
                                                               log_.named("client.driver.docker"));
  if (options_.dev) drivers["mock_driver"] = std::make_unique<driver::Mock>(world_);
  return drivers;
}

}  // namespace caravan::agent
