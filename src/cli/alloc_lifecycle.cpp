// SPDX-License-Identifier: Apache-2.0
// What is done to a running allocation: stop, restart, signal.
#include <fmt/core.h>

#include "cli/alloc_target.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run_stop(Context& context) {
  const std::optional<json::Value> found = find_alloc(context, context.words[0]);
  if (!found) return 1;
  Params params = in_namespace_of(*found);
  if (context.flags.on("no-shutdown-delay")) params.emplace_back("no_shutdown_delay", "true");
  const base::Result<Reply> reply = context.api().send(
      "PUT", fmt::format("/v1/allocation/{}/stop", text(*found, "ID")), nullptr, params);
  if (!reply) return context.fail("Error stopping allocation", reply.error());
  return finish_with(context, text(reply->body, "EvalID"));
}

/// The task that was named, "" for all of them; nothing when there is none of that name.
std::optional<std::string> named_task(Context& context, const json::Value& alloc) {
  const std::string name = task_word(context, 1);
  return name.empty() ? std::optional<std::string>(name) : target_task(context, alloc, name);
}

int send_to_node(Context& context, const json::Value& alloc, const char* verb, json::Object body) {
  const std::string path = fmt::format("/v1/client/allocation/{}/{}", text(alloc, "ID"), verb);
  const base::Result<Reply> reply =
      context.api().send("PUT", path, std::move(body), in_namespace_of(alloc));
  return reply ? 0 : context.fail(fmt::format("Failed to {} allocation", verb), reply.error());
}

int run_restart(Context& context) {
  const std::optional<json::Value> alloc = target_alloc(context, context.words[0]);
  if (!alloc) return 1;
  const std::optional<std::string> task = named_task(context, *alloc);
  if (!task) return 1;
  const bool all = context.flags.on("all-tasks");
  if (all && !task->empty()) return context.wrong_use("-all-tasks and a task exclude each other");
  return send_to_node(context, *alloc, "restart", {{"TaskName", *task}, {"AllTasks", all}});
}

int run_signal(Context& context) {
  const std::optional<json::Value> alloc = target_alloc(context, context.words[0]);
  if (!alloc) return 1;
  const std::optional<std::string> task = named_task(context, *alloc);
  if (!task) return 1;
  return send_to_node(context, *alloc, "signal",
                      {{"Task", *task}, {"Signal", context.flags.text("s", "SIGKILL")}});
}

}  // namespace

Command alloc_stop_command() {
  return {
      .name = "alloc stop",
      .synopsis = "Stop an allocation, so that it is placed anew",
      .usage = "[options] <allocation>",
      .help = "Stops an allocation and follows the evaluation that places another.",
      .flags = {{"detach", "", "Print the evaluation's id and end, instead of following it."},
                {"no-shutdown-delay", "", "Ignore the shutdown_delay of the group and its tasks."},
                {"verbose", "", "Whole ids."}},
      .words_min = 1,
      .words_max = 1,
      .takes = "one argument: <allocation>",
      .run = run_stop};
}

Command alloc_restart_command() {
  return {.name = "alloc restart",
          .synopsis = "Restart the tasks of an allocation where they are",
          .usage = "[options] <allocation> [<task>]",
          .help = "Restarts the running tasks of an allocation, or one of them.",
          .flags = {{"all-tasks", "", "Those that have ended too."},
                    {"task", "task", "The task."},
                    {"verbose", "", "Whole ids in messages."}},
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <allocation> [<task>]",
          .run = run_restart};
}

Command alloc_signal_command() {
  return {.name = "alloc signal",
          .synopsis = "Send a signal to the tasks of an allocation",
          .usage = "[options] <allocation> [<task>]",
          .help = "Sends a signal to the tasks of an allocation, or to one of them.",
          .flags = {{"s", "signal", "The signal's name. Default = SIGKILL"},
                    {"task", "task", "The task."},
                    {"verbose", "", "Whole ids in messages."}},
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <allocation> [<task>]",
          .run = run_signal};
}

}  // namespace caravan::cli
