// SPDX-License-Identifier: Apache-2.0
// How many allocations of each group are in which state: what `job status` and the lists show
// without walking the allocations.
#pragma once

#include <map>
#include <string>

#include "model/field.hpp"

namespace caravan::model {

struct TaskGroupSummary {
  int queued = 0, complete = 0, failed = 0, running = 0, starting = 0, lost = 0, unknown_state = 0;
  base::Unknown unknown;
  friend bool operator==(const TaskGroupSummary&, const TaskGroupSummary&) = default;
};
template <class V>
void fields(V& v, TaskGroupSummary& s) {
  v(1, "Queued", s.queued);
  v(2, "Complete", s.complete);
  v(3, "Failed", s.failed);
  v(4, "Running", s.running);
  v(5, "Starting", s.starting);
  v(6, "Lost", s.lost);
  v(7, "Unknown", s.unknown_state);
  v.unknown(s.unknown);
}

struct JobChildren {
  std::int64_t pending = 0, running = 0, dead = 0;
  base::Unknown unknown;
  friend bool operator==(const JobChildren&, const JobChildren&) = default;
};
template <class V>
void fields(V& v, JobChildren& c) {
  v(1, "Pending", c.pending);
  v(2, "Running", c.running);
  v(3, "Dead", c.dead);
  v.unknown(c.unknown);
}

struct JobSummary {
  std::string job_id, ns;
  std::map<std::string, TaskGroupSummary> groups;
  JobChildren children;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const JobSummary&, const JobSummary&) = default;
};
template <class V>
void fields(V& v, JobSummary& s) {
  v(1, "JobID", s.job_id);
  v(2, "Namespace", s.ns);
  v(3, "Summary", s.groups);
  v(4, "Children", s.children);
  v(5, "CreateIndex", s.create_index);
  v(6, "ModifyIndex", s.modify_index);
  v.unknown(s.unknown);
}

}  // namespace caravan::model
