// SPDX-License-Identifier: Apache-2.0
// A restart of a job's allocations, batch after batch, that the servers carry out
// (docs/adr/0022-job-restart.md). A job has one at a time; its newest one stays known.
#pragma once

#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

enum class RestartStatus { running, paused, complete, failed, canceled };
constexpr auto enum_names(RestartStatus) {
  return std::array{"running"sv, "paused"sv, "complete"sv, "failed"sv, "canceled"sv};
}

enum class RestartProgress { waiting, restarting, done, failed, gone };
constexpr auto enum_names(RestartProgress) {
  return std::array{"waiting"sv, "restarting"sv, "done"sv, "failed"sv, "gone"sv};
}

struct RestartedAlloc {
  base::AllocId id;
  RestartProgress progress = RestartProgress::waiting;
  std::uint64_t restarts_before = 0;  // of the tasks that are restarted, in sum
  base::Unknown unknown;
  friend bool operator==(const RestartedAlloc&, const RestartedAlloc&) = default;
};
template <class V>
void fields(V& v, RestartedAlloc& a) {
  v(1, "ID", a.id);
  v(2, "Progress", a.progress);
  v(3, "RestartsBefore", a.restarts_before);
  v.unknown(a.unknown);
}

/// Between two batches.
inline constexpr base::Duration restart_wait_asks{-1};  // somebody says when it goes on

struct JobRestart {
  base::Uuid id;
  std::string ns, job_id;
  RestartStatus status = RestartStatus::running;
  std::string status_description;
  std::vector<std::string> groups;  // empty: all
  std::vector<std::string> tasks;   // empty: those that run
  bool all_tasks = false;           // those that have ended too
  bool reschedule = false;          // stop them, so that they are placed anew
  int batch_size = 1;               // allocations at a time
  base::Duration batch_wait{0};     // or restart_wait_asks
  bool asks_on_error = false;       // pauses where it would fail
  std::vector<RestartedAlloc> allocs;
  std::uint64_t create_index = 0, modify_index = 0;
  std::int64_t create_time_ns = 0, modify_time_ns = 0;
  base::Unknown unknown;

  bool is_active() const {
    return status == RestartStatus::running || status == RestartStatus::paused;
  }
  friend bool operator==(const JobRestart&, const JobRestart&) = default;
};
template <class V>
void fields(V& v, JobRestart& r) {
  v(1, "ID", r.id);
  v(2, "Namespace", r.ns);
  v(3, "JobID", r.job_id);
  v(4, "Status", r.status);
  v(5, "StatusDescription", r.status_description);
  v(6, "Groups", r.groups);
  v(7, "Tasks", r.tasks);
  v(8, "AllTasks", r.all_tasks);
  v(9, "Reschedule", r.reschedule);
  v(10, "BatchSize", r.batch_size);
  v(11, "BatchWait", r.batch_wait);
  v(12, "AsksOnError", r.asks_on_error);
  v(13, "Allocations", r.allocs);
  v(14, "CreateIndex", r.create_index);
  v(15, "ModifyIndex", r.modify_index);
  v(16, "CreateTime", r.create_time_ns);
  v(17, "ModifyTime", r.modify_time_ns);
  v.unknown(r.unknown);
}

}  // namespace caravan::model
