// SPDX-License-Identifier: Apache-2.0
// What parses and cannot run yet: registration refuses it by these names.
#include <fmt/core.h>

#include "model/job.hpp"

namespace caravan::model {

std::vector<std::string> not_built(const Job& job) {
  std::vector<std::string> names;
  const auto refuse = [&](bool present, std::string name) {
    if (present) names.push_back(std::move(name));
  };
  refuse(!job.multiregion.is_null(), "multiregion");
  for (const TaskGroup& group : job.groups) {
    const std::string at = fmt::format("group \"{}\": ", group.name);
    refuse(!group.consul.is_null(), at + "consul");
    for (const auto& [name, volume] : group.volumes) {
      refuse(volume.type == "csi", at + "volume of type csi");
      refuse(volume.per_alloc, at + "volume.per_alloc");
    }
    const auto refuse_service = [&](const Service& service) {
      refuse(!service.connect.is_null(), at + "service.connect");
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
      refuse(!task.resources.numa.is_null(), where + "numa");
    }
  }
  return names;
}

}  // namespace caravan::model
