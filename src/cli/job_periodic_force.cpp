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
  const base::Result<Reply> reply = context.api().send("PUT", job_path(*job, "/periodic/force"),
                                                       json::Object(), in_namespace_of(*job));
  if (!reply)
    return context.fail("Error forcing periodic job \"" + text(*job, "ID") + "\"", reply.error());
  const std::string eval = text(reply->body, "EvalID");
  if (!context.flags.on("detach")) return monitor(context, eval);
  context.out("Force periodic successful\nEvaluation ID: " + eval);
  return 0;
}

}  // namespace

Command job_periodic_force_command() {
  return {.name = "job periodic force",
          .synopsis = "Force the launch of a periodic job",
          .usage = "[options] <job>",
          .help =
              "Launches the periodic job now, whatever its times and even if an earlier\n"
              "instance runs, and follows the evaluation.",
          .flags = {{"detach", "", "Print the evaluation's id and end, instead of following it."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run};
}

}  // namespace caravan::cli
