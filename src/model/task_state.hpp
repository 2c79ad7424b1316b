// SPDX-License-Identifier: Apache-2.0
// What became of a task: its state and the story that led there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

/// The event of a task that had to end because its group ran for as long as it may. Who ends so is
/// not placed again.
inline constexpr std::string_view max_run_duration_event = "Max Run Duration Exceeded";

struct TaskEvent {
  std::string type;
  std::int64_t time_ns = 0;
  std::string message, display_message;
  std::map<std::string, std::string> details;
  bool fails_task = false;
  std::string restart_reason, setup_error, driver_error, driver_message;
  int exit_code = 0, signal = 0;
  std::string kill_reason;
  base::Duration kill_timeout{0};
  std::string kill_error;
  std::int64_t start_delay_ns = 0;
  std::string download_error, validation_error, failed_sibling, task_signal_reason, task_signal;
  std::string vault_error, generic_source;
  std::int64_t disk_limit = 0;
  base::Unknown unknown;
  friend bool operator==(const TaskEvent&, const TaskEvent&) = default;
};
template <class V>
void fields(V& v, TaskEvent& e) {
  v(1, "Type", e.type);
  v(2, "Time", e.time_ns);
  v(3, "Message", e.message);
  v(4, "DisplayMessage", e.display_message);
  v(5, "Details", e.details);
  v(6, "FailsTask", e.fails_task);
  v(7, "RestartReason", e.restart_reason);
  v(8, "SetupError", e.setup_error);
  v(9, "DriverError", e.driver_error);
  v(10, "DriverMessage", e.driver_message);
  v(11, "ExitCode", e.exit_code);
  v(12, "Signal", e.signal);
  v(13, "KillReason", e.kill_reason);
  v(14, "KillTimeout", e.kill_timeout);
  v(15, "KillError", e.kill_error);
  v(16, "StartDelay", e.start_delay_ns);
  v(17, "DownloadError", e.download_error);
  v(18, "ValidationError", e.validation_error);
  v(19, "FailedSibling", e.failed_sibling);
  v(20, "TaskSignalReason", e.task_signal_reason);
  v(21, "TaskSignal", e.task_signal);
  v(22, "VaultError", e.vault_error);
  v(23, "GenericSource", e.generic_source);
  v(24, "DiskLimit", e.disk_limit);
  v.unknown(e.unknown);
}

enum class TaskRunState { pending, running, dead };
constexpr auto enum_names(TaskRunState) { return std::array{"pending"sv, "running"sv, "dead"sv}; }

/// More events than this are forgotten, the oldest first.
inline constexpr std::size_t task_events_max = 10;

struct TaskState {
  TaskRunState state = TaskRunState::pending;
  bool failed = false;
  std::uint64_t restarts = 0;
  base::Instant last_restart, started_at, finished_at;
  std::vector<TaskEvent> events;
  base::Unknown unknown;

  bool is_successful() const { return state == TaskRunState::dead && !failed; }
  friend bool operator==(const TaskState&, const TaskState&) = default;
};
template <class V>
void fields(V& v, TaskState& s) {
  v(1, "State", s.state);
  v(2, "Failed", s.failed);
  v(3, "Restarts", s.restarts);
  v(4, "LastRestart", s.last_restart);
  v(5, "StartedAt", s.started_at);
  v(6, "FinishedAt", s.finished_at);
  v(7, "Events", s.events);
  v.unknown(s.unknown);
}

}  // namespace caravan::model
