// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// What was typed is a version's number, or the name that one was given.
base::Result<long long> version_of(Context& context, const std::string& job,
                                   const std::string& typed) {
  if (const base::Result<long long> number = base::parse_int(typed); number && *number >= 0)
    return *number;
  TRY(const Reply reply, context.api().get(job_path(json::Object{{"ID", job}}, "/versions")));
  for (const json::Value& version : list(reply.body, "Versions"))
    if (text(version.at("VersionTag"), "Name") == typed) return integer(version, "Version");
  return base::invalid(
      fmt::format("\"{}\" is neither a version nor the tag of one", base::printable(typed, 64)));
}

int run(Context& context) {
  const std::string& job = context.words[0];
  const base::Result<long long> version = version_of(context, job, context.words[1]);
  if (!version) return context.fail("Error retrieving job versions", version.error());
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
          .usage = "[options] <job> <version|tag>",
          .help =
              "Submits an earlier version of the job anew and follows its evaluation.\n"
              "'job history' lists the versions.",
          .flags = {{"detach", "", "Print the evaluation's id and end."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 2,
          .words_max = 2,
          .takes = "two arguments: <job> <version|tag>",
          .run = run};
}

}  // namespace caravan::cli
