// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/template.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

base::Result<json::Value> version_of(Context& context, const json::Value& found) {
  const Params ns = in_namespace_of(found);
  if (!context.flags.given("version")) {
    TRY(Reply job, context.api().get(job_path(found), ns));
    return std::move(job.body);
  }
  TRY(const long long wanted, context.flags.number("version", 0));
  TRY(const Reply versions, context.api().get(job_path(found, "/versions"), ns));
  for (const json::Value& job : list(versions.body, "Versions"))
    if (integer(job, "Version") == wanted) return job;
  return base::fail(base::Code::not_found,
                    fmt::format("job \"{}\" has no version {}", text(found, "ID"), wanted));
}

/// The source as it was submitted.
int show_source(Context& context, const json::Value& found, std::int64_t version) {
  Params params = in_namespace_of(found);
  params.emplace_back("version", fmt::format("{}", version));
  const base::Result<Reply> reply = context.api().get(job_path(found, "/submission"), params);
  if (!reply) return context.fail("Error getting job source", reply.error());
  context.out(text(reply->body, "Source"));
  return 0;
}

int run(Context& context) {
  const std::optional<json::Value> found = find_job(context, context.words[0]);
  if (!found) return 1;
  const base::Result<json::Value> job = version_of(context, *found);
  if (!job) return context.fail("Error inspecting job", job.error());
  if (context.flags.on("hcl")) return show_source(context, *found, integer(*job, "Version"));
  if (context.flags.given("t")) {
    int code = 0;
    (void)context.shows_data(*job, code);
    return code;
  }
  context.out(pretty_json(json::Object{{"Job", *job}}));
  return 0;
}

}  // namespace

Command job_inspect_command() {
  return {.name = "job inspect",
          .alias = "inspect",
          .synopsis = "Inspect a submitted job",
          .usage = "[options] <job>",
          .help = "Prints the job as the servers have it, with all defaults.",
          .flags = {{"version", "number", "An earlier version of the job."},
                    {"json", "", "As JSON, which it is anyway."},
                    {"hcl", "", "The file as it was submitted."},
                    {"t", "template", "The job through a Go template."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run};
}

}  // namespace caravan::cli
