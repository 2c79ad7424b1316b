// SPDX-License-Identifier: Apache-2.0
// A job: what a user asks the cluster to keep running. Values here are complete: `wire` has filled
// in the defaults that depend on the job's type, so that no reader needs to know them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/job_version_tag.hpp"
#include "model/task_group.hpp"

namespace caravan::model {

enum class JobType { service, batch, system, sysbatch };
constexpr auto enum_names(JobType) {
  return std::array{"service"sv, "batch"sv, "system"sv, "sysbatch"sv};
}

/// pending: nothing placed yet. running: something is. dead: stopped, or all of it ended.
enum class JobStatus { pending, running, dead };
constexpr auto enum_names(JobStatus) { return std::array{"pending"sv, "running"sv, "dead"sv}; }

struct PeriodicConfig {
  bool enabled = true;
  std::string spec;
  std::vector<std::string> specs;
  std::string spec_type = "cron";
  bool prohibit_overlap = false;
  std::string time_zone = "UTC";
  base::Unknown unknown;

  /// The cron expressions, whichever of both members has them.
  std::vector<std::string> expressions() const { return specs.empty() ? std::vector{spec} : specs; }
  friend bool operator==(const PeriodicConfig&, const PeriodicConfig&) = default;
};
template <class V>
void fields(V& v, PeriodicConfig& p) {
  v(1, "Enabled", p.enabled);
  v(2, "Spec", p.spec);
  v(3, "Specs", p.specs);
  v(4, "SpecType", p.spec_type);
  v(5, "ProhibitOverlap", p.prohibit_overlap);
  v(6, "TimeZone", p.time_zone);
  v.unknown(p.unknown);
}

struct ParameterizedJob {
  std::string payload = "optional";
  std::vector<std::string> meta_required, meta_optional;
  base::Unknown unknown;
  friend bool operator==(const ParameterizedJob&, const ParameterizedJob&) = default;
};
template <class V>
void fields(V& v, ParameterizedJob& p) {
  v(1, "Payload", p.payload);
  v(2, "MetaRequired", p.meta_required);
  v(3, "MetaOptional", p.meta_optional);
  v.unknown(p.unknown);
}

struct Job {
  std::string region = "global", ns = "default", id, name;
  JobType type = JobType::service;
  int priority = 50;
  bool all_at_once = false;
  std::vector<std::string> datacenters = {"*"};
  std::string node_pool = "default";
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  std::vector<Spread> spreads;
  std::vector<TaskGroup> groups;
  json::Value multiregion;
  std::optional<PeriodicConfig> periodic;
  std::optional<ParameterizedJob> parameterized;
  std::map<std::string, std::string> meta;
  json::Value ui;
  std::string payload;  // base64

  bool stop = false;
  std::string parent_id;
  bool dispatched = false;
  std::string dispatch_idempotency_token, consul_namespace, vault_namespace;
  JobStatus status = JobStatus::pending;
  std::string status_description;
  bool stable = false;
  std::uint64_t version = 0;
  std::int64_t submit_time_ns = 0;
  std::uint64_t create_index = 0, modify_index = 0, job_modify_index = 0;
  std::optional<JobVersionTag> version_tag;
  std::vector<std::string> depends_on;  // jobs of the namespace that have to be healthy first
  base::Unknown unknown;

  base::JobId job_id() const { return {ns, id}; }
  const TaskGroup* find_group(std::string_view group_name) const;
  bool is_periodic() const { return periodic.has_value(); }
  bool is_parameterized() const { return parameterized && !dispatched; }
  /// A job that runs nothing itself: its children do.
  bool is_parent() const { return is_periodic() || is_parameterized(); }
  /// The clock launches it.
  bool is_launched_by_time() const {
    return periodic && periodic->enabled && !stop && !is_parameterized();
  }
  friend bool operator==(const Job&, const Job&) = default;
};
template <class V>
void fields(V& v, Job& j) {
  v(1, "Region", j.region);
  v(2, "Namespace", j.ns);
  v(3, "ID", j.id);
  v(4, "Name", j.name);
  v(5, "Type", j.type);
  v(6, "Priority", j.priority);
  v(7, "AllAtOnce", j.all_at_once);
  v(8, "Datacenters", j.datacenters);
  v(9, "NodePool", j.node_pool);
  v(10, "Constraints", j.constraints);
  v(11, "Affinities", j.affinities);
  v(12, "Spreads", j.spreads);
  v(13, "TaskGroups", j.groups);
  v(14, "Multiregion", j.multiregion);
  v(15, "Periodic", j.periodic);
  v(16, "ParameterizedJob", j.parameterized);
  v(17, "Meta", j.meta);
  v(18, "UI", j.ui);
  v(19, "Payload", j.payload);
  v(20, "Stop", j.stop);
  v(21, "ParentID", j.parent_id);
  v(22, "Dispatched", j.dispatched);
  v(23, "DispatchIdempotencyToken", j.dispatch_idempotency_token);
  v(24, "ConsulNamespace", j.consul_namespace);
  v(25, "VaultNamespace", j.vault_namespace);
  v(26, "Status", j.status);
  v(27, "StatusDescription", j.status_description);
  v(28, "Stable", j.stable);
  v(29, "Version", j.version);
  v(30, "SubmitTime", j.submit_time_ns);
  v(31, "CreateIndex", j.create_index);
  v(32, "ModifyIndex", j.modify_index);
  v(33, "JobModifyIndex", j.job_modify_index);
  v(35, "VersionTag", j.version_tag);
  v(36, "DependsOn", j.depends_on, omit_empty);
  v.unknown(j.unknown);
}

/// All that is wrong with a job, each with its path, at most 20: "Job.Priority: 200 is
/// outside 1..100".
std::vector<std::string> validate(const Job& job);

/// What is allowed and yet probably not meant.
std::vector<std::string> warnings(const Job& job);

/// Blocks that parse and cannot run yet, by name: such a job is refused, never run half.
std::vector<std::string> not_built(const Job& job);

/// Whether a change of the specification is one (status, indexes and times left aside).
bool same_spec(const Job& a, const Job& b);

}  // namespace caravan::model
