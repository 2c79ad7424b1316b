// SPDX-License-Identifier: Apache-2.0
#include "model/namespace.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

constexpr std::size_t name_max = 128, description_max = 256;
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

using List = std::vector<std::string>;

bool has(const List& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

bool allows(const List& enabled, const List& disabled, const std::string& name) {
  return !has(disabled, name) && (enabled.empty() || has(enabled, name));
}

}  // namespace

Namespace default_namespace() {
  Namespace space;
  space.name = namespace_default;
  space.description = "Default shared namespace";
  space.create_index = space.modify_index = 1;
  return space;
}

std::string complaint(const Namespace& space) {
  if (space.name.empty() || space.name.size() > name_max ||
      space.name.find_first_not_of(name_characters) != std::string::npos)
    return fmt::format("invalid name \"{}\". Must match regex ^[a-zA-Z0-9-]{{1,128}}$",
                       base::printable(space.name, name_max));
  if (space.description.size() > description_max)
    return fmt::format("Description: {} characters, at most {}", space.description.size(),
                       description_max);
  if (!space.vault.is_null()) return "VaultConfiguration: not built yet";
  if (!space.consul.is_null()) return "ConsulConfiguration: not built yet";
  if (space.pools && !space.pools->allowed.empty() && !space.pools->denied.empty())
    return "NodePoolConfiguration: Allowed and Denied exclude each other";
  return "";
}

List forbidden(const Namespace& space, const Job& job) {
  List lines;
  if (space.pools) {
    const bool is_fallback = job.node_pool == space.pools->fallback;
    if (!is_fallback && !allows(space.pools->allowed, space.pools->denied, job.node_pool))
      lines.push_back(fmt::format("Job.NodePool: jobs in namespace \"{}\" may not use \"{}\"",
                                  space.name, job.node_pool));
  }
  if (!space.capabilities) return lines;
  const NamespaceCapabilities& may = *space.capabilities;
  for (const TaskGroup& group : job.groups) {
    for (const NetworkResource& network : group.networks) {
      const std::string mode = network.mode.empty() ? "host" : network.mode;
      if (!allows(may.enabled_networks, may.disabled_networks, mode))
        lines.push_back(
            fmt::format("group \"{}\": network mode \"{}\" is not allowed in namespace \"{}\"",
                        group.name, mode, space.name));
    }
    for (const Task& task : group.tasks)
      if (!allows(may.enabled_drivers, may.disabled_drivers, task.driver))
        lines.push_back(fmt::format("task \"{}\": driver \"{}\" is not allowed in namespace \"{}\"",
                                    task.name, task.driver, space.name));
  }
  return lines;
}

}  // namespace caravan::model
