// SPDX-License-Identifier: Apache-2.0
#include "client/task_events.hpp"

#include <cstring>

#include <fmt/core.h>

namespace caravan::client::event {
namespace {

model::TaskEvent make(std::string type, std::string display) {
  model::TaskEvent e;
  e.type = std::move(type);
  e.display_message = std::move(display);
  return e;
}

}  // namespace

model::TaskEvent received() { return make("Received", "Task received by client"); }

model::TaskEvent setup(std::string message) {
  model::TaskEvent e = make("Task Setup", message);
  e.message = std::move(message);
  return e;
}

model::TaskEvent waiting_for_identity(std::string error) {
  return setup("Waiting for the servers to sign the task's identities: " + std::move(error));
}

model::TaskEvent setup_failure(std::string error) {
  model::TaskEvent e = make("Setup Failure", error);
  e.setup_error = std::move(error);
  e.fails_task = true;
  e.details["fails_task"] = "true";
  return e;
}

model::TaskEvent downloading() {
  return make("Downloading Artifacts", "Client is downloading artifacts");
}

model::TaskEvent download_failed(std::string error) {
  model::TaskEvent e = make("Failed Artifact Download", error);
  e.details["download_error"] = error;
  e.download_error = std::move(error);
  return e;
}

model::TaskEvent waiting_for_template(std::string message) {
  return make("Template", std::move(message));
}

model::TaskEvent script_ran(std::string script) {
  return make("Template", fmt::format("Template ran script {}", script));
}

model::TaskEvent script_failed(std::string script, std::string error) {
  return make("Template", fmt::format("Template failed to run script {}: {}", script, error));
}

model::TaskEvent template_failed(std::string error) {
  return make("Template", "Template failed: " + error);
}

model::TaskEvent driver_message(std::string message) {
  model::TaskEvent e = make("Driver", message);
  e.details["driver_message"] = message;
  e.driver_message = std::move(message);
  return e;
}

model::TaskEvent driver_failure(std::string error) {
  model::TaskEvent e = make("Driver Failure", error);
  e.details["driver_error"] = error;
  e.driver_error = std::move(error);
  return e;
}

model::TaskEvent started() { return make("Started", "Task started by client"); }

model::TaskEvent terminated(const driver::TaskExit& exit) {
  std::string text = fmt::format("Exit Code: {}", exit.code);
  if (exit.signal != 0) text += fmt::format(", Signal: {}", exit.signal);
  if (exit.oom) text += ", OOM Killed";
  if (!exit.error.empty()) text += fmt::format(", Exit Message: \"{}\"", exit.error);
  model::TaskEvent e = make("Terminated", std::move(text));
  e.exit_code = exit.code;
  e.signal = exit.signal;
  e.message = exit.error;
  e.details["exit_code"] = fmt::format("{}", exit.code);
  e.details["signal"] = fmt::format("{}", exit.signal);
  e.details["oom_killed"] = exit.oom ? "true" : "false";
  if (!exit.error.empty()) e.details["exit_message"] = exit.error;
  return e;
}

model::TaskEvent restarting(base::Duration delay, std::string reason) {
  model::TaskEvent e =
      make("Restarting", fmt::format("Task restarting in {}", base::format_duration(delay)));
  e.start_delay_ns = delay.count();
  e.details["start_delay"] = fmt::format("{}", delay.count());
  e.details["restart_reason"] = reason;
  e.restart_reason = std::move(reason);
  return e;
}

model::TaskEvent not_restarting(std::string reason) {
  model::TaskEvent e = make("Not Restarting", reason);
  e.details["restart_reason"] = reason;
  e.details["fails_task"] = "true";
  e.fails_task = true;
  e.restart_reason = std::move(reason);
  return e;
}

model::TaskEvent killing(base::Duration timeout, std::string reason) {
  const std::string wait = base::format_duration(timeout);
  model::TaskEvent e =
      make("Killing", reason.empty()
                          ? fmt::format("Sent interrupt. Waiting {} before force killing", wait)
                          : fmt::format("{}. Waiting {} before force killing", reason, wait));
  e.kill_timeout = timeout;
  e.details["kill_timeout"] = wait;
  if (!reason.empty()) e.details["kill_reason"] = reason;
  e.kill_reason = std::move(reason);
  return e;
}

model::TaskEvent killed() { return make("Killed", "Task successfully killed"); }

model::TaskEvent ran_too_long(base::Duration limit) {
  model::TaskEvent e = make(
      std::string(model::max_run_duration_event),
      fmt::format("The group ran for its max_run_duration of {}", base::format_duration(limit)));
  e.fails_task = true;
  e.details["fails_task"] = "true";
  e.details["max_run_duration"] = base::format_duration(limit);
  return e;
}

model::TaskEvent sibling_failed(std::string task) {
  model::TaskEvent e =
      make("Sibling Task Failed", fmt::format("Task's sibling \"{}\" failed", task));
  e.details["failed_sibling"] = task;
  e.failed_sibling = std::move(task);
  return e;
}

model::TaskEvent leader_dead() { return make("Leader Task Dead", "Leader Task in Group dead"); }

model::TaskEvent main_tasks_dead() {
  return make("Main Tasks Dead", "Main tasks in the group died");
}

model::TaskEvent signaling(int signal, std::string reason) {
  const std::string name =
      fmt::format("SIG{}", ::sigabbrev_np(signal) ? ::sigabbrev_np(signal) : "?");
  model::TaskEvent e = make(
      "Signaling", reason.empty() ? fmt::format("Task being sent signal {}", name)
                                  : fmt::format("Task being sent signal {}: {}", name, reason));
  e.task_signal = name;
  e.details["task_signal"] = name;
  e.task_signal_reason = std::move(reason);
  return e;
}

model::TaskEvent restart_signaled(std::string reason) {
  model::TaskEvent e =
      make("Restart Signaled", reason.empty() ? "Task signaled to restart" : reason);
  e.details["restart_reason"] = reason;
  e.restart_reason = std::move(reason);
  return e;
}

model::TaskEvent waiting_shutdown_delay(base::Duration delay) {
  return make("Waiting for shutdown delay",
              fmt::format("Waiting for shutdown_delay of {} before killing the task.",
                          base::format_duration(delay)));
}

}  // namespace caravan::client::event
