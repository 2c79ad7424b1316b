// SPDX-License-Identifier: Apache-2.0
// What a task finds in its environment, and what `${…}` in its block stands for (facts 4; the
// labels' odd cleaning rules are the peers' and are kept exactly). Pure.
#pragma once

#include <map>
#include <string>

#include "expr/interpolate.hpp"
#include "model/allocation.hpp"

namespace caravan::client {

struct TaskPaths {
  std::string alloc_dir, task_dir, secrets_dir;  // as the task sees them
};

struct EnvInput {
  const model::Allocation& alloc;
  const model::Task& task;
  const model::Node& node;
  std::string region;
  TaskPaths paths;
  std::map<std::string, std::string>
      host_env;  // of the agent, filtered; empty for drivers with own root
  std::map<std::string, std::string> device_env;    // of its devices: over the task's own
  std::map<std::string, std::string> template_env;  // from templates with env = true; they win
  std::map<std::string, std::string> identity_env;  // tokens: over the task's own, too
};

class TaskEnv {
 public:
  explicit TaskEnv(const EnvInput& input);
  const std::map<std::string, std::string>& variables() const { return env_; }
  /// The value of a name inside `${…}`: NOMAD_*, env.X, attr.*, meta.*, node.*.
  std::optional<std::string> lookup(std::string_view name) const;
  std::string interpolate(std::string_view text) const;
  json::Value fill(const json::Value& value) const;  // strings and keys, at any depth

 private:
  std::map<std::string, std::string> env_, node_;
};

/// The agent's environment without what tasks must not inherit (tokens, licences, cloud keys).
std::map<std::string, std::string> filter_host_env(std::map<std::string, std::string> env);

}  // namespace caravan::client
