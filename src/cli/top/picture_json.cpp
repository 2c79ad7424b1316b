// SPDX-License-Identifier: Apache-2.0
#include "cli/top/picture.hpp"

namespace caravan::cli::top {
namespace {

const char* name_of(Health health) {
  switch (health) {
    case Health::bad:
      return "bad";
    case Health::waiting:
      return "waiting";
    case Health::well:
      return "well";
    case Health::ended:
      break;
  }
  return "ended";
}

json::Value number_or_null(const std::optional<double>& number) {
  return number ? json::Value(*number) : json::Value();
}

/// The members that each row has.
json::Object row_json(Health health, const Use& use) {
  return {{"Health", name_of(health)},
          {"UsedCPU", number_or_null(use.cpu_mhz)},
          {"UsedMemoryBytes", number_or_null(use.memory_bytes)}};
}

json::Value node_json(const NodeRow& node) {
  json::Object out = row_json(node.health, node.use);
  out["ID"] = node.id;
  out["Name"] = node.name;
  out["Datacenter"] = node.datacenter;
  out["Status"] = node.status;
  out["CPU"] = node.cpu_mhz;
  out["AllocatedCPU"] = node.cpu_mhz_allocated;
  out["MemoryMB"] = node.memory_mb;
  out["AllocatedMemoryMB"] = node.memory_mb_allocated;
  out["Running"] = node.running;
  return out;
}

json::Value job_json(const JobRow& job) {
  json::Object groups;
  for (const GroupCount& group : job.groups)
    groups[group.name] = json::Object{{"Running", group.running}, {"Desired", group.desired}};
  json::Object out = row_json(job.health, job.use);
  out["ID"] = job.id;
  out["Namespace"] = job.ns;
  out["Type"] = job.type;
  out["Status"] = job.status;
  out["Deployment"] = job.deployment;
  out["Groups"] = std::move(groups);
  out["CPU"] = job.cpu_mhz;
  out["MemoryMB"] = job.memory_mb;
  return out;
}

json::Value alloc_json(const AllocRow& alloc) {
  json::Object out = row_json(alloc.health, alloc.use);
  out["ID"] = alloc.id;
  out["Name"] = alloc.name;
  out["Namespace"] = alloc.ns;
  out["JobID"] = alloc.job;
  out["NodeName"] = alloc.node;
  out["Status"] = alloc.status;
  out["CPU"] = alloc.cpu_mhz;
  out["MemoryMB"] = alloc.memory_mb;
  out["ModifyTime"] = alloc.modified_ns;
  return out;
}

}  // namespace

json::Value to_json(const Picture& picture) {
  json::Array nodes, jobs, allocs, refused;
  for (const NodeRow& node : picture.nodes)
    nodes.push_back(node_json(node));
  for (const JobRow& job : picture.jobs)
    jobs.push_back(job_json(job));
  for (const AllocRow& alloc : picture.allocs)
    allocs.push_back(alloc_json(alloc));
  for (const std::string& part : picture.refused)
    refused.push_back(part);
  return json::Object{{"Region", picture.region},
                      {"Namespace", picture.ns},
                      {"Leader", picture.leader},
                      {"Servers", picture.servers},
                      {"ServersAlive", picture.servers_alive},
                      {"NodesReady", picture.nodes_ready},
                      {"AllocationsRunning", picture.allocs_running},
                      {"AllocationsPending", picture.allocs_pending},
                      {"AllocationsFailed", picture.allocs_failed},
                      {"EvaluationsBlocked", picture.evals_blocked},
                      {"Refused", std::move(refused)},
                      {"Nodes", std::move(nodes)},
                      {"Jobs", std::move(jobs)},
                      {"Allocations", std::move(allocs)}};
}

}  // namespace caravan::cli::top
