// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  const base::Result<JobFile> file = read_job_file(context, context.words[0]);
  if (!file) return context.fail("Error getting job struct", file.error());
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/validate/job", json::Object{{"Job", file->job}});
  if (!reply) return context.fail("Error validating job", reply.error());
  if (const std::string error = text(reply->body, "Error"); !error.empty())
    return context.fail("Job validation errors:\n" + error);
  if (const std::string warnings = text(reply->body, "Warnings"); !warnings.empty())
    context.out(fmt::format("Job Warnings:\n{}", warnings));
  context.out("Job validation successful");
  return 0;
}

}  // namespace

Command job_validate_command() {
  return {.name = "job validate",
          .alias = "validate",
          .synopsis = "Check whether a job file is valid",
          .usage = "[options] <path>",
          .help = "Reads the file here, then has an agent check the job. Nothing is submitted.",
          .flags = job_file_flags(),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <path>",
          .run = run};
}

}  // namespace caravan::cli
