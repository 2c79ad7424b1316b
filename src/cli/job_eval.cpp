// SPDX-License-Identifier: Apache-2.0
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return 1;
  const json::Object body = {
      {"JobID", text(*job, "ID")},
      {"EvalOptions", json::Object{{"ForceReschedule", context.flags.on("force-reschedule")}}}};
  const base::Result<Reply> reply =
      context.api().send("PUT", job_path(*job, "/evaluate"), body, in_namespace_of(*job));
  if (!reply) return context.fail("Error evaluating job", reply.error());
  const std::string eval = text(reply->body, "EvalID");
  if (!context.flags.on("detach")) return monitor(context, eval);
  context.out("Created eval ID: \"" + short_id(eval, context.verbose()) + "\"");
  return 0;
}

}  // namespace

Command job_eval_command() {
  return {.name = "job eval",
          .synopsis = "Have a job evaluated anew",
          .usage = "[options] <job>",
          .help = "Asks the scheduler to look at the job again, and follows the evaluation.",
          .flags = {{"force-reschedule", "",
                     "Place failed allocations anew even where their policy does not."},
                    {"detach", "", "Print the evaluation's id and end, instead of following it."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run};
}

}  // namespace caravan::cli
