// SPDX-License-Identifier: Apache-2.0
#include "cli/top/picture.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/top/load.hpp"

namespace caravan::cli::top {
namespace {

std::string node_status(const json::Value& node) {
  const std::string status = text(node, "Status");
  if (status != "ready") return status;
  if (boolean(node, "Drain")) return "draining";
  return text(node, "SchedulingEligibility") == "ineligible" ? "ineligible" : status;
}

Health node_health(const std::string& status) {
  if (status == "ready") return Health::well;
  return status == "down" || status == "disconnected" ? Health::bad : Health::waiting;
}

NodeRow node_row(const json::Value& node, const Load& load) {
  const json::Value& has = node.at("NodeResources");
  const json::Value& kept = node.at("ReservedResources");
  NodeRow row;
  row.id = text(node, "ID");
  row.name = text(node, "Name");
  row.datacenter = text(node, "Datacenter");
  row.status = node_status(node);
  row.cpu_mhz = integer(has.at("Cpu"), "CpuShares") - integer(kept.at("Cpu"), "CpuShares");
  row.cpu_mhz_allocated = load.cpu_mhz;
  row.memory_mb = integer(has.at("Memory"), "MemoryMB") - integer(kept.at("Memory"), "MemoryMB");
  row.memory_mb_allocated = load.memory_mb;
  row.running = load.running;
  row.use = whole_use(load);
  row.health = node_health(row.status);
  return row;
}

Health job_health(const JobRow& job, bool failed, bool blocked) {
  if (failed || blocked || job.deployment == "failed") return Health::bad;
  if (job.status == "dead" || job.status == "stopped") return Health::ended;
  const bool rolls_out =
      job.deployment == "running" || job.deployment == "paused" || job.deployment == "pending";
  if (rolls_out || job.status == "pending" || job.running() < job.desired()) return Health::waiting;
  return Health::well;
}

JobRow job_row(const json::Value& job, Load load, const std::string& deployment, bool blocked) {
  const json::Value& summary = job.at("JobSummary").at("Summary");
  for (const json::Member* group : sorted_members(summary))
    load.groups.try_emplace(group->name);  // nothing of it may have been placed
  JobRow row;
  row.ns = text(job, "Namespace");
  row.id = text(job, "ID");
  row.type = text(job, "Type");
  row.status = boolean(job, "Stop") ? "stopped" : text(job, "Status");
  row.deployment = deployment;
  for (const auto& [name, group] : load.groups) {
    // One that failed may wait in the queue for its next place.
    const std::int64_t queued = std::max<std::int64_t>(integer(summary.at(name), "Queued"), 0);
    const std::size_t missing = std::max(group.failed, static_cast<std::size_t>(queued));
    row.groups.push_back({name, group.running, group.running + group.pending + missing});
  }
  std::ranges::sort(row.groups, {}, [](const GroupCount& group) {
    return std::pair(group.running >= group.desired, group.name);  // those that lack some first
  });
  row.cpu_mhz = load.cpu_mhz;
  row.memory_mb = load.memory_mb;
  row.use = whole_use(load);
  row.health = job_health(row, load.failed, blocked);
  return row;
}

Health alloc_health(const json::Value& alloc, const std::string& status) {
  if (is_failed(status)) return Health::bad;
  const bool* healthy = alloc.at("DeploymentStatus").at("Healthy").as_bool();
  if (healthy && !*healthy) return Health::bad;
  return status == "running" ? Health::well : Health::waiting;
}

AllocRow alloc_row(const json::Value& alloc, const Use* use) {
  const Asked asked = asked_by(alloc);
  AllocRow row;
  row.id = text(alloc, "ID");
  row.name = text(alloc, "Name");
  row.ns = text(alloc, "Namespace");
  row.job = text(alloc, "JobID");
  row.node = text(alloc, "NodeName");
  row.status = text(alloc, "ClientStatus");
  if (is_alive(row.status) && text(alloc, "DesiredStatus") != "run") row.status = "stopping";
  row.cpu_mhz = asked.cpu_mhz;
  row.memory_mb = asked.memory_mb;
  row.modified_ns = integer(alloc, "ModifyTime");
  if (use) row.use = *use;
  row.health = alloc_health(alloc, row.status);
  return row;
}

using Name = std::pair<std::string, std::string>;  // namespace and id of a job
Name job_name(const json::Value& object, std::string_view id) {
  return {text(object, "Namespace"), text(object, id)};
}

std::map<Name, std::string> newest_deployments(const json::Value& deployments) {
  std::map<Name, const json::Value*> newest;
  for (const json::Value& each : list(deployments)) {
    const json::Value*& known = newest[job_name(each, "JobID")];
    if (!known || integer(each, "CreateIndex") > integer(*known, "CreateIndex")) known = &each;
  }
  std::map<Name, std::string> states;
  for (const auto& [name, deployment] : newest)
    states[name] = text(*deployment, "Status");
  return states;
}

void count_servers(Picture& picture, const Answers& answers) {
  const json::Value& members = answers.members;
  if (picture.region.empty()) picture.region = text(members, "ServerRegion");
  picture.leader = answers.leader.as_string() ? *answers.leader.as_string() : "";
  for (const json::Value& member : list(members, "Members")) {
    const json::Value& tags = member.at("Tags");
    if (text(tags, "region") != picture.region) continue;
    ++picture.servers;
    if (text(member, "Status") == "alive") ++picture.servers_alive;
    const std::string host =
        text(tags, "rpc_addr").empty() ? text(member, "Addr") : text(tags, "rpc_addr");
    if (answers.leader == json::Value(fmt::format("{}:{}", host, text(tags, "port"))))
      picture.leader = text(member, "Name");
  }
}

}  // namespace

std::size_t JobRow::running() const {
  std::size_t sum = 0;
  for (const GroupCount& group : groups)
    sum += group.running;
  return sum;
}

std::size_t JobRow::desired() const {
  std::size_t sum = 0;
  for (const GroupCount& group : groups)
    sum += group.desired;
  return sum;
}

Picture picture_of(const Answers& answers, const UseByAlloc& use, const std::string& region,
                   const std::string& ns) {
  Picture picture;
  picture.region = region;
  picture.ns = ns.empty() ? "default" : ns;
  picture.refused = answers.refused;
  count_servers(picture, answers);
  std::map<std::string, Load> of_node;
  std::map<Name, Load> of_job;
  for (const json::Value& alloc : list(answers.allocs)) {
    const auto found = use.find(text(alloc, "ID"));
    const Use* used = found == use.end() ? nullptr : &found->second;
    add(of_node[text(alloc, "NodeID")], alloc, used);
    if (picture.ns != "*" && text(alloc, "Namespace") != picture.ns) continue;
    add(of_job[job_name(alloc, "JobID")], alloc, used);
    const std::string status = text(alloc, "ClientStatus");
    if (status == "running") ++picture.allocs_running;
    if (status == "pending") ++picture.allocs_pending;
    if (is_failed(status) && is_wanted(alloc)) ++picture.allocs_failed;
    if (is_wanted(alloc) || is_alive(status)) picture.allocs.push_back(alloc_row(alloc, used));
  }
  for (const json::Value& node : list(answers.nodes)) {
    picture.nodes.push_back(node_row(node, of_node[text(node, "ID")]));
    if (picture.nodes.back().status == "ready") ++picture.nodes_ready;
  }
  std::set<Name> blocked;
  for (const json::Value& eval : list(answers.evals)) {
    if (text(eval, "Status") != "blocked") continue;
    blocked.insert(job_name(eval, "JobID"));
    ++picture.evals_blocked;
  }
  std::map<Name, std::string> deployments = newest_deployments(answers.deployments);
  for (const json::Value& job : list(answers.jobs)) {
    const Name name = job_name(job, "ID");
    const bool waits = blocked.contains(name);
    picture.jobs.push_back(job_row(job, of_job[name], deployments[name], waits));
  }
  return picture;
}

std::vector<std::string> running_ids(const json::Value& allocs) {
  std::vector<std::string> ids;
  for (const json::Value& alloc : list(allocs))
    if (text(alloc, "ClientStatus") == "running") ids.push_back(text(alloc, "ID"));
  return ids;
}

}  // namespace caravan::cli::top
