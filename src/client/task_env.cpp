// SPDX-License-Identifier: Apache-2.0
#include "client/task_env.hpp"

#include <set>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::client {
namespace {

using Pairs = std::map<std::string, std::string>;

constexpr std::size_t short_id = 8;

/// Every character that a shell would not take in a name becomes '_'.
std::string clean(std::string_view label) {
  std::string name(label);
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) c = '_';
  }
  return name;
}

std::string address(const std::string& ip, int port) {
  return ip.find(':') == std::string::npos ? fmt::format("{}:{}", ip, port)
                                           : fmt::format("[{}]:{}", ip, port);
}

void add_ports(Pairs& env, const model::Allocation& alloc) {
  for (const model::PortMapping& port : alloc.ports) {
    const std::string label = clean(port.label);
    const int inside = port.to > 0 ? port.to : port.value;
    env["NOMAD_IP_" + label] = port.host_ip;
    env["NOMAD_PORT_" + label] = fmt::format("{}", inside);
    env["NOMAD_ADDR_" + label] = address(port.host_ip, port.value);
    env["NOMAD_HOST_PORT_" + label] = fmt::format("{}", port.value);
    // These three keep the label as it was written.
    env["NOMAD_HOST_IP_" + port.label] = port.host_ip;
    env["NOMAD_HOST_ADDR_" + port.label] = address(port.host_ip, port.value);
    env["NOMAD_ALLOC_PORT_" + port.label] = fmt::format("{}", inside);
    if (!alloc.network_status || alloc.network_status->address.empty()) continue;
    env["NOMAD_ALLOC_INTERFACE_" + port.label] = alloc.network_status->interface;
    env["NOMAD_ALLOC_IP_" + port.label] = alloc.network_status->address;
    env["NOMAD_ALLOC_ADDR_" + port.label] = address(alloc.network_status->address, inside);
  }
}

void add_meta(Pairs& env, const model::Allocation& alloc, const model::Task& task) {
  Pairs meta = task.meta;
  const Pairs& of_group = alloc.task_group().meta;
  meta.insert(of_group.begin(), of_group.end());
  meta.insert(alloc.job->meta.begin(), alloc.job->meta.end());
  if (alloc.job->dispatched && alloc.job->parameterized)  // what nobody gave is there, and empty
    for (const std::string& key : alloc.job->parameterized->meta_optional)
      meta.try_emplace(key);
  for (const auto& [key, value] : meta) {
    env["NOMAD_META_" + clean(key)] = value;
    env["NOMAD_META_" + base::to_upper(clean(key))] = value;
  }
}

Pairs node_names(const model::Node& node, const std::string& region) {
  Pairs names = {{"node.unique.id", node.id.to_string()}, {"node.unique.name", node.name},
                 {"node.datacenter", node.datacenter},    {"node.region", region},
                 {"node.class", node.node_class},         {"node.pool", node.node_pool}};
  for (const auto& [key, value] : node.attributes)
    names["attr." + key] = names["node.attr." + key] = value;
  for (const auto& [key, value] : node.meta)
    names["meta." + key] = names["node.meta." + key] = value;
  return names;
}

std::string joined(const std::vector<int>& cores) {
  std::string text;
  for (const int core : cores)
    text += fmt::format("{}{}", text.empty() ? "" : ",", core);
  return text;
}

}  // namespace

TaskEnv::TaskEnv(const EnvInput& in) : node_(node_names(in.node, in.region)) {
  const model::Allocation& alloc = in.alloc;
  env_["NOMAD_ALLOC_DIR"] = in.paths.alloc_dir;
  env_["NOMAD_TASK_DIR"] = in.paths.task_dir;
  env_["NOMAD_SECRETS_DIR"] = in.paths.secrets_dir;
  const model::Resources& r = in.task.resources;
  env_["NOMAD_MEMORY_LIMIT"] = fmt::format("{}", r.memory_mb + r.secrets_mb);
  if (alloc.memory_oversubscription && r.memory_mb_max > 0)
    env_["NOMAD_MEMORY_MAX_LIMIT"] = fmt::format("{}", r.memory_mb_max);
  if (r.cpu > 0) env_["NOMAD_CPU_LIMIT"] = fmt::format("{}", r.cpu);
  if (!alloc.reserved_cores.empty()) env_["NOMAD_CPU_CORES"] = joined(alloc.reserved_cores);
  env_["NOMAD_ALLOC_ID"] = alloc.id.to_string();
  env_["NOMAD_SHORT_ALLOC_ID"] = alloc.id.to_string().substr(0, short_id);
  env_["NOMAD_ALLOC_NAME"] = alloc.name();
  env_["NOMAD_ALLOC_INDEX"] = fmt::format("{}", alloc.index);
  env_["NOMAD_TASK_NAME"] = in.task.name;
  env_["NOMAD_GROUP_NAME"] = alloc.group;
  env_["NOMAD_JOB_ID"] = alloc.job->id;
  env_["NOMAD_JOB_NAME"] = alloc.job->name;
  if (!alloc.job->parent_id.empty()) env_["NOMAD_JOB_PARENT_ID"] = alloc.job->parent_id;
  env_["NOMAD_DC"] = in.node.datacenter;
  env_["NOMAD_REGION"] = in.region;
  env_["NOMAD_NAMESPACE"] = alloc.job->ns;
  if (!in.node.cgroup_parent.empty()) env_["NOMAD_PARENT_CGROUP"] = in.node.cgroup_parent;
  add_ports(env_, alloc);
  add_meta(env_, alloc, in.task);
  env_.insert(in.host_env.begin(), in.host_env.end());  // never over what is there
  const Pairs before = env_;
  for (const auto& [key, value] : in.task.env) {
    const auto at = [&](std::string_view name) { return lookup(name); };
    env_[expr::interpolate(key, at)] = expr::interpolate(value, at);
  }
  for (const auto& [key, value] : in.device_env)
    env_[key] = value;
  for (const auto& [key, value] : in.identity_env)
    env_[key] = value;
  for (const auto& [key, value] : in.template_env)
    env_[key] = value;
}

std::optional<std::string> TaskEnv::lookup(std::string_view name) const {
  if (name.starts_with("env.")) name.remove_prefix(4);
  if (const auto found = env_.find(std::string(name)); found != env_.end()) return found->second;
  if (const auto found = node_.find(std::string(name)); found != node_.end()) return found->second;
  // Old job files say ${JOB}, ${TASKGROUP}, ${TASK}.
  if (name == "JOB") return env_.at("NOMAD_JOB_NAME");
  if (name == "TASKGROUP") return env_.at("NOMAD_GROUP_NAME");
  if (name == "TASK") return env_.at("NOMAD_TASK_NAME");
  return {};
}

std::string TaskEnv::interpolate(std::string_view text) const {
  return expr::interpolate(text, [&](std::string_view name) { return lookup(name); });
}

json::Value TaskEnv::fill(const json::Value& value) const {
  if (const std::string* text = value.as_string()) return interpolate(*text);
  if (const json::Array* array = value.as_array()) {
    json::Array filled;
    for (const json::Value& item : *array)
      filled.push_back(fill(item));
    return filled;
  }
  if (const json::Object* object = value.as_object()) {
    json::Object filled;
    for (const json::Member& member : *object)
      filled[interpolate(member.name)] = fill(member.value);
    return filled;
  }
  return value;
}

Pairs filter_host_env(Pairs env) {
  static const std::set<std::string> denied = {"CONSUL_TOKEN",
                                               "CONSUL_HTTP_TOKEN",
                                               "CONSUL_HTTP_TOKEN_FILE",
                                               "NOMAD_TOKEN",
                                               "VAULT_TOKEN",
                                               "CARAVAN_KEYRING_PASSPHRASE",
                                               "NOMAD_CLIENT_INTRO_TOKEN",
                                               "CONSUL_LICENSE",
                                               "NOMAD_LICENSE",
                                               "VAULT_LICENSE",
                                               "CONSUL_LICENSE_PATH",
                                               "NOMAD_LICENSE_PATH",
                                               "VAULT_LICENSE_PATH",
                                               "AWS_ACCESS_KEY_ID",
                                               "AWS_SECRET_ACCESS_KEY",
                                               "AWS_SESSION_TOKEN",
                                               "AWS_METADATA_URL",
                                               "GOOGLE_APPLICATION_CREDENTIALS",
                                               "GOOGLE_OAUTH_ACCESS_TOKEN"};
  std::erase_if(env, [&](const auto& pair) { return denied.contains(pair.first); });
  return env;
}

}  // namespace caravan::client
