// SPDX-License-Identifier: Apache-2.0
// How far a group may be scaled, and what was done to its count. The servers keep the bounds; who
// decides within them is an autoscaler, which reads `policy`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/field.hpp"

namespace caravan::model {

struct ScalingPolicy {
  std::string id;  // the same for as long as the group has a policy
  std::string type = "horizontal";
  std::map<std::string, std::string> target;  // Namespace, Job, Group
  json::Object policy;                        // the autoscaler's own words
  std::int64_t min = 0, max = 0;
  bool enabled = true;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const ScalingPolicy&, const ScalingPolicy&) = default;
};
template <class V>
void fields(V& v, ScalingPolicy& p) {
  v(1, "ID", p.id);
  v(2, "Type", p.type);
  v(3, "Target", p.target);
  v(4, "Policy", p.policy);
  v(5, "Min", p.min);
  v(6, "Max", p.max);
  v(7, "Enabled", p.enabled);
  v(8, "CreateIndex", p.create_index);
  v(9, "ModifyIndex", p.modify_index);
  v.unknown(p.unknown);
}

/// What is wrong with the policy of a group of `count` copies, without the path.
std::vector<std::string> complaints(const ScalingPolicy& policy, int count);

/// One change of a group's count, or what an autoscaler had to say about it.
struct ScalingEvent {
  std::optional<std::int64_t> count;  // none: nothing was changed
  std::int64_t previous_count = 0;
  bool error = false;
  std::string message;
  json::Object meta;
  std::optional<std::string> eval_id;
  std::uint64_t time_ns = 0, create_index = 0;
  base::Unknown unknown;
  friend bool operator==(const ScalingEvent&, const ScalingEvent&) = default;
};
template <class V>
void fields(V& v, ScalingEvent& e) {
  v(1, "Count", e.count);
  v(2, "PreviousCount", e.previous_count);
  v(3, "Error", e.error);
  v(4, "Message", e.message);
  v(5, "Meta", e.meta);
  v(6, "EvalID", e.eval_id);
  v(7, "Time", e.time_ns);
  v(8, "CreateIndex", e.create_index);
  v.unknown(e.unknown);
}

/// Older events of a group are forgotten; the peers' number.
inline constexpr std::size_t scaling_events_max = 20;

/// What was done to the counts of one job, by group, newest first.
struct JobScaling {
  std::string ns, job_id;
  std::map<std::string, std::vector<ScalingEvent>> events;
  std::uint64_t modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const JobScaling&, const JobScaling&) = default;
};
template <class V>
void fields(V& v, JobScaling& s) {
  v(1, "Namespace", s.ns);
  v(2, "JobID", s.job_id);
  v(3, "ScalingEvents", s.events);
  v(4, "ModifyIndex", s.modify_index);
  v.unknown(s.unknown);
}

}  // namespace caravan::model
