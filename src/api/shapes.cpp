// SPDX-License-Identifier: Apache-2.0
#include "api/shapes.hpp"

#include "wire/json_out.hpp"

namespace caravan::api {
namespace {

using json::Writer;

template <class Fill>
std::string object(Fill fill) {
  std::string text;
  Writer out(text);
  out.begin_object();
  fill(out);
  out.end_object();
  return text;
}

template <class T>
void member(Writer& out, std::string_view name, const T& value) {
  out.key(name);
  wire::JsonOut(out).put(value);
}
void text(Writer& out, std::string_view name, std::string_view value) {
  out.key(name);
  out.string(value);
}
void flag(Writer& out, std::string_view name, bool value) {
  out.key(name);
  out.boolean(value);
}
void null(Writer& out, std::string_view name) {
  out.key(name);
  out.null();
}

/// Members of a noun into an object that is already open.
template <class T>
void inline_fields(Writer& out, const T& noun) {
  wire::JsonOut visitor(out);
  fields(visitor, const_cast<T&>(noun));  // this visitor only reads
}

void write_job(Writer& out, const model::Job& job) {
  out.begin_object();
  inline_fields(out, job);
  text(out, "NomadTokenID", "");
  out.key("Update");  // the job's own block has flowed into its groups
  out.value(json::Object{{"Stagger", 0},
                         {"MaxParallel", 0},
                         {"HealthCheck", ""},
                         {"MinHealthyTime", 0},
                         {"HealthyDeadline", 0},
                         {"ProgressDeadline", 0},
                         {"Canary", 0},
                         {"AutoRevert", false},
                         {"AutoPromote", false}});
  out.end_object();
}

void write_ports(Writer& out, const model::Allocation& alloc) {
  out.key("Ports");
  wire::JsonOut(out).put(alloc.ports);
}

/// The group's network as it was given to this allocation.
std::vector<model::NetworkResource> assigned_networks(const model::Allocation& alloc) {
  std::vector<model::NetworkResource> networks = alloc.task_group().networks;
  const auto fill = [&](model::Port& port) {
    const auto given = std::ranges::find(alloc.ports, port.label, &model::PortMapping::label);
    if (given != alloc.ports.end()) port.value = given->value;
  };
  for (model::NetworkResource& network : networks) {
    std::ranges::for_each(network.dynamic_ports, fill);
    std::ranges::for_each(network.reserved_ports, fill);
    if (!alloc.ports.empty()) network.ip = alloc.ports[0].host_ip;
  }
  return networks;
}

void write_devices(Writer& out, const model::Allocation& alloc, const std::string& task) {
  out.key("Devices");
  const auto is_of_task = [&](const auto& given) { return given.task == task; };
  if (std::ranges::none_of(alloc.devices, is_of_task)) return out.null();
  out.begin_array();
  for (const model::AllocatedDevice& given : alloc.devices) {
    if (!is_of_task(given)) continue;
    out.begin_object();
    text(out, "Vendor", given.vendor);
    text(out, "Type", given.type);
    text(out, "Name", given.name);
    member(out, "DeviceIDs", given.ids);
    out.end_object();
  }
  out.end_array();
}

void write_allocated(Writer& out, const model::Allocation& alloc) {
  const model::TaskGroup& group = alloc.task_group();
  out.key("AllocatedResources");
  out.begin_object();
  out.key("Tasks");
  out.begin_object();
  for (const model::Task& task : group.tasks) {
    out.key(task.name);
    out.begin_object();
    out.key("Cpu");
    out.value(json::Object{{"CpuShares", task.resources.cpu}});
    out.key("Memory");
    out.value(json::Object{
        {"MemoryMB", task.resources.memory_mb + task.resources.secrets_mb},
        {"MemoryMaxMB", alloc.memory_oversubscription ? task.resources.memory_mb_max : 0}});
    null(out, "Networks");
    write_devices(out, alloc, task.name);
    out.end_object();
  }
  out.end_object();
  out.key("TaskLifecycles");
  out.begin_object();
  for (const model::Task& task : group.tasks)
    member(out, task.name, task.lifecycle);
  out.end_object();
  out.key("Shared");
  out.begin_object();
  member(out, "Networks", assigned_networks(alloc));
  member(out, "DiskMB", group.ephemeral_disk.size_mb);
  write_ports(out, alloc);
  out.end_object();
  out.end_object();
}

/// What stubs and whole allocations share.
void write_alloc_core(Writer& out, const model::Allocation& a, bool with_task_states) {
  member(out, "ID", a.id);
  member(out, "EvalID", a.eval_id);
  text(out, "Name", a.name());
  text(out, "Namespace", a.job->ns);
  member(out, "NodeID", a.node_id);
  text(out, "NodeName", a.node_name);
  text(out, "JobID", a.job->id);
  text(out, "TaskGroup", a.group);
  member(out, "DesiredStatus", a.desired_status);
  text(out, "DesiredDescription", a.desired_description);
  member(out, "DesiredTransition", a.desired_transition);
  member(out, "ClientStatus", a.client_status);
  text(out, "ClientDescription", a.client_description);
  if (with_task_states) member(out, "TaskStates", a.task_states);
  member(out, "DeploymentStatus", a.deployment_status);
  member(out, "FollowupEvalID", a.followup_eval_id);
  member(out, "NextAllocation", a.next_allocation);
  member(out, "RescheduleTracker", a.reschedule_tracker);
  member(out, "PreemptedAllocations", a.preempted_allocations);
  member(out, "PreemptedByAllocation", a.preempted_by);
  member(out, "CreateIndex", a.create_index);
  member(out, "ModifyIndex", a.modify_index);
  member(out, "CreateTime", a.create_time_ns);
  member(out, "ModifyTime", a.modify_time_ns);
}

std::string address_of(const model::Node& node) {
  const std::size_t colon = node.http_addr.rfind(':');
  return node.http_addr.substr(0, colon);
}

}  // namespace

std::string job_json(const model::Job& job) {
  std::string body;
  Writer out(body);
  write_job(out, job);
  return body;
}

std::string job_stub(const model::Job& job, const state::Tables& tables, bool with_meta) {
  return object([&](Writer& out) {
    text(out, "ID", job.id);
    text(out, "ParentID", job.parent_id);
    text(out, "Name", job.name);
    text(out, "Namespace", job.ns);
    member(out, "Datacenters", job.datacenters);
    text(out, "NodePool", job.node_pool);
    null(out, "Multiregion");
    member(out, "Type", job.type);
    member(out, "Priority", job.priority);
    flag(out, "Periodic", job.is_periodic());
    flag(out, "ParameterizedJob", job.is_parameterized());
    flag(out, "Stop", job.stop);
    member(out, "Status", job.status);
    text(out, "StatusDescription", job.status_description);
    out.key("JobSummary");
    if (const state::Ref<model::JobSummary> summary = tables.summary(job.job_id()))
      wire::write_json(out, *summary);
    else
      out.null();
    member(out, "CreateIndex", job.create_index);
    member(out, "ModifyIndex", job.modify_index);
    member(out, "JobModifyIndex", job.job_modify_index);
    member(out, "SubmitTime", job.submit_time_ns);
    if (with_meta) member(out, "Meta", job.meta);
  });
}

std::string node_json(const model::Node& node) {
  model::Node shown = node;
  shown.secret_id = {};
  return object([&](Writer& out) {
    inline_fields(out, shown);
    flag(out, "Drain", node.drain.has_value());
    text(out, "SchedulingEligibility", node.eligible ? "eligible" : "ineligible");
    out.key("CSIControllerPlugins");
    out.value(json::Object());
    out.key("CSINodePlugins");
    out.value(json::Object());
  });
}

std::string node_stub(const model::Node& node, bool with_resources) {
  return object([&](Writer& out) {
    text(out, "Address", address_of(node));
    member(out, "ID", node.id);
    text(out, "Datacenter", node.datacenter);
    text(out, "Name", node.name);
    text(out, "NodeClass", node.node_class);
    text(out, "NodePool", node.node_pool);
    const auto version = node.attributes.find("nomad.version");
    text(out, "Version", version == node.attributes.end() ? "" : version->second);
    flag(out, "Drain", node.drain.has_value());
    text(out, "SchedulingEligibility", node.eligible ? "eligible" : "ineligible");
    member(out, "Status", node.status);
    text(out, "StatusDescription", node.status_description);
    member(out, "Drivers", node.drivers);
    member(out, "HostVolumes", node.host_volumes);
    if (with_resources) {
      member(out, "NodeResources", node.resources);
      member(out, "ReservedResources", node.reserved);
    }
    member(out, "LastDrain", node.last_drain);
    member(out, "CreateIndex", node.create_index);
    member(out, "ModifyIndex", node.modify_index);
  });
}

namespace {

std::string whole_alloc(const model::Allocation& alloc, bool with_job) {
  return object([&](Writer& out) {
    write_alloc_core(out, alloc, true);
    out.key("Job");
    if (with_job)
      write_job(out, *alloc.job);
    else
      out.null();
    write_allocated(out, alloc);
    const model::Footprint whole = model::footprint(alloc.task_group());
    model::Resources total;
    total.cpu = static_cast<int>(whole.cpu);
    total.memory_mb = static_cast<int>(whole.memory_mb);
    total.disk_mb = static_cast<int>(whole.disk_mb);
    total.networks = assigned_networks(alloc);
    member(out, "Resources", total);
    std::map<std::string, model::Resources> by_task;
    for (const model::Task& task : alloc.task_group().tasks)
      by_task.emplace(task.name, task.resources);
    member(out, "TaskResources", by_task);
    member(out, "Metrics", alloc.placement_metrics());
    member(out, "DeploymentID", alloc.deployment_id);
    member(out, "PreviousAllocation", alloc.previous_allocation);
    member(out, "NetworkStatus", alloc.network_status);
    member(out, "AllocModifyIndex", alloc.alloc_modify_index);
    member(out, "AllocStates", alloc.states);
  });
}

}  // namespace

std::string alloc_json(const model::Allocation& alloc) { return whole_alloc(alloc, true); }
std::string alloc_event_json(const model::Allocation& alloc) { return whole_alloc(alloc, false); }

std::string alloc_stub(const model::Allocation& alloc, bool with_task_states, bool with_resources) {
  return object([&](Writer& out) {
    write_alloc_core(out, alloc, with_task_states);
    member(out, "JobType", alloc.job->type);
    member(out, "JobVersion", alloc.job->version);
    if (with_resources) write_allocated(out, alloc);
  });
}

std::string eval_json(const model::Evaluation& eval) {
  return object([&](Writer& out) {
    inline_fields(out, eval);
    member(out, "Wait", base::Duration(0));
  });
}

std::string eval_stub(const model::Evaluation& eval) {
  return object([&](Writer& out) {
    member(out, "ID", eval.id);
    member(out, "Priority", eval.priority);
    text(out, "Type", eval.type);
    text(out, "TriggeredBy", eval.triggered_by);
    text(out, "Namespace", eval.ns);
    text(out, "JobID", eval.job_id);
    member(out, "NodeID", eval.node_id);
    member(out, "DeploymentID", eval.deployment_id);
    member(out, "Status", eval.status);
    text(out, "StatusDescription", eval.status_description);
    member(out, "WaitUntil", eval.wait_until);
    member(out, "NextEval", eval.next_eval);
    member(out, "PreviousEval", eval.previous_eval);
    member(out, "BlockedEval", eval.blocked_eval);
    member(out, "CreateIndex", eval.create_index);
    member(out, "ModifyIndex", eval.modify_index);
    member(out, "CreateTime", eval.create_time_ns);
    member(out, "ModifyTime", eval.modify_time_ns);
  });
}

std::string deployment_json(const model::Deployment& deployment) {
  return object([&](Writer& out) {
    inline_fields(out, deployment);
    flag(out, "IsMultiregion", false);
  });
}

}  // namespace caravan::api
