// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// A prefix names a job only by chance, so a person is asked; a script goes on as told.
bool is_confirmed(Context& context, const std::string& id, const std::string& typed) {
  if (id == typed || context.flags.on("yes") || !::isatty(STDIN_FILENO)) return true;
  context.raw(fmt::format("Are you sure you want to stop job \"{}\"? [y/N] ", id));
  const int answer = std::getchar();
  if (answer == 'y' || answer == 'Y') return true;
  context.out("Cancelling job stop");
  return false;
}

int stop_one(Context& context, const std::string& typed) {
  const std::optional<json::Value> job = find_job(context, typed);
  if (!job) return 1;
  if (!is_confirmed(context, text(*job, "ID"), typed)) return 0;
  Params params = in_namespace_of(*job);
  if (context.flags.on("purge")) params.emplace_back("purge", "true");
  if (context.flags.on("global")) params.emplace_back("global", "true");
  if (context.flags.on("no-shutdown-delay")) params.emplace_back("no_shutdown_delay", "true");
  if (context.flags.given("eval-priority"))
    params.emplace_back("eval_priority", context.flags.text("eval-priority"));
  const base::Result<Reply> reply = context.api().send("DELETE", job_path(*job), nullptr, params);
  if (!reply) return context.fail("Error deregistering job", reply.error());
  return finish_with(context, text(reply->body, "EvalID"));
}

int run(Context& context) {
  int code = 0;
  for (const std::string& job : context.words)
    if (const int failed = stop_one(context, job); failed != 0) code = failed;
  return code;
}

}  // namespace

Command job_stop_command() {
  return {.name = "job stop",
          .alias = "stop",
          .synopsis = "Stop a running job",
          .usage = "[options] <job> [<job> ...]",
          .help =
              "Ends all allocations of the jobs and follows the evaluation. A stopped job\nstays "
              "known, and may be run again, until it is purged or collected.",
          .flags = {{"purge", "", "Forget the job too."},
                    {"detach", "", "Print the evaluation's id and end, instead of following it."},
                    {"yes", "", "Do not ask when a prefix was given."},
                    {"global", "", "In all regions of a multi-region job."},
                    {"no-shutdown-delay", "", "Ignore the shutdown_delay of groups and tasks."},
                    {"eval-priority", "priority",
                     "The evaluation's priority, when it shall not be the job's."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 64,
          .takes = "at least one argument: <job>",
          .run = run};
}

}  // namespace caravan::cli
