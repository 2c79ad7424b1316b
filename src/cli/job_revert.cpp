// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  const base::Result<long long> version = base::parse_int(context.words[1]);
  if (!version || *version < 0)
    return context.wrong_use(
        fmt::format("\"{}\" is not a version", base::printable(context.words[1], 64)));
  const std::string& job = context.words[0];
  const json::Object body = {
      {"JobID", job}, {"JobVersion", std::int64_t{*version}}, {"EnforcePriorVersion", nullptr}};
  const base::Result<Reply> reply =
      context.api().send("PUT", job_path(json::Object{{"ID", job}}, "/revert"), body, {});
  if (!reply) return context.fail("Error retrieving job versions", reply.error());
  const std::string eval = text(reply->body, "EvalID");
  if (!context.flags.on("detach") && !eval.empty()) return monitor(context, eval);
  context.out("Evaluation ID: " + eval);
  return 0;
}

}  // namespace

Command job_revert_command() {
  return {.name = "job revert",
          .alias = "",
          .synopsis = "Revert to a prior version of the job",
          .usage = "[options] <job> <version>",
          .help =
              "Submits an earlier version of the job anew and follows its evaluation.\n"
              "'job history' lists the versions.",
          .flags = {{"detach", "", "Print the evaluation's id and end."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 2,
          .words_max = 2,
          .takes = "two arguments: <job> <version>",
          .run = run};
}

}  // namespace caravan::cli
