// SPDX-License-Identifier: Apache-2.0
#include "acl/workload.hpp"

namespace caravan::acl {
namespace {

bool is_attached(const model::AclPolicy& policy, const Workload& workload) {
  if (!policy.job_acl) return false;
  const model::JobAcl& to = *policy.job_acl;
  const auto fits = [](const std::string& wanted, const std::string& has) {
    return wanted.empty() || wanted == has;
  };
  return to.ns == workload.ns && fits(to.job_id, workload.job) && fits(to.group, workload.group) &&
         fits(to.task, workload.task);
}

/// "nomad/jobs" and what stands below it for the job, the group and the task.
std::set<std::string> own_paths(const Workload& workload) {
  std::string path = "nomad/jobs";
  std::set<std::string> paths = {path};
  for (const std::string* part : {&workload.job, &workload.group, &workload.task})
    paths.insert(path += "/" + *part);
  return paths;
}

}  // namespace

Workload workload_of(const model::Allocation& alloc, std::string task) {
  const model::Job& job = *alloc.job;
  return {job.ns, job.parent_id.empty() ? job.id : job.parent_id, alloc.group, std::move(task)};
}

Permissions permissions_of(const state::Tables& tables, const Workload& workload,
                           std::vector<std::string>& names) {
  std::vector<const model::AclPolicy*> policies;
  tables.acl_policies.each([&](const std::string& name, const state::Ref<model::AclPolicy>& p) {
    if (!is_attached(*p, workload)) return;
    names.push_back(name);
    policies.push_back(p.get());
  });
  std::optional<Permissions> permissions = Permissions::of(policies);
  if (!permissions) return {};
  permissions->own(workload.ns, own_paths(workload));
  return *std::move(permissions);
}

}  // namespace caravan::acl
