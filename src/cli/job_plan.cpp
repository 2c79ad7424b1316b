// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/diff_view.hpp"
#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/launch_view.hpp"
#include "cli/lookup.hpp"
#include "cli/placement.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr int nothing_moves = 0, something_moves = 1, trouble = 255;

constexpr const char* hint =
    "When running the job with the check-index flag, the job will only be run if the\n"
    "job modify index given matches the server-side version. If the index has\n"
    "changed, another user has modified the job and the plan's results are\n"
    "potentially invalid.";

/// Whether the plan starts, stops or moves anything.
bool moves(const json::Value& plan) {
  for (const json::Member* group : sorted_members(plan.at("Annotations").at("DesiredTGUpdates")))
    for (const char* count : {"Place", "Stop", "DestructiveUpdate", "Migrate", "Canary"})
      if (integer(group->value, count) > 0) return true;
  return false;
}

/// What would end to make room; "" when nothing would.
std::string preemptions(const json::Value& plan) {
  Rows rows = {{"Alloc ID", "Job ID", "Task Group"}};
  for (const json::Value& alloc : list(plan.at("Annotations"), "PreemptedAllocs"))
    rows.push_back({text(alloc, "ID"), text(alloc, "JobID"), text(alloc, "TaskGroup")});
  return rows.size() > 1 ? table(rows) : "";
}

/// What the suppositions do to other jobs; "" when nothing.
std::string affected(const json::Value& plan) {
  Rows rows = {{"Job ID", "Namespace", "Priority", "Placed", "Stopped", "Groups without a place"}};
  for (const json::Value& job : list(plan, "Affected")) {
    std::vector<std::string> failed;
    for (const json::Member* group : sorted_members(job.at("FailedTGAllocs")))
      failed.push_back(group->name);
    rows.push_back({text(job, "JobID"), text(job, "Namespace"),
                    fmt::format("{}", integer(job, "Priority")),
                    fmt::format("{}", integer(job, "Placed")),
                    fmt::format("{}", integer(job, "Stopped")), base::join(failed, ", ")});
  }
  return rows.size() > 1 ? table(rows) : "";
}

void show(Context& context, const json::Value& plan, const json::Value& job,
          const std::string& path) {
  const bool verbose = context.verbose();
  if (plan.at("Diff").as_object()) {
    for (const std::string& line : diff_lines(plan.at("Diff"), verbose))
      context.out(line);
    context.out("");
  }
  const std::vector<std::string> suppositions = context.flags.all("if");
  context.out(suppositions.empty()
                  ? "Scheduler dry-run:"
                  : fmt::format("Scheduler dry-run, if {}:", base::join(suppositions, " and ")));
  const std::vector<std::string> failures = failed_placements(plan.at("FailedTGAllocs"));
  context.out(failures.empty() ? "- All tasks successfully allocated."
                               : "- WARNING: Failed to place all allocations.");
  for (const std::string& line : failures)
    context.out("  " + line);
  if (const std::string ended = preemptions(plan); !ended.empty())
    context.out(fmt::format("\nPreemptions:\n\n{}\n", ended));
  if (const std::string others = affected(plan); !others.empty())
    context.out(fmt::format("\nOther jobs that this would change:\n\n{}\n", others));
  if (!text(plan, "NextPeriodicLaunch").empty())
    context.out("- If submitted now, next periodic launch would be at " +
                next_launch_text(job.at("Periodic"), {now_ns()}) + ".");
  if (const std::string warnings = text(plan, "Warnings"); !warnings.empty())
    context.out(fmt::format("\nJob Warnings:\n{}", warnings));
  const std::int64_t index = integer(plan, "JobModifyIndex");
  context.out(
      fmt::format("\nJob Modify Index: {}\nTo submit the job with version verification run:\n\n"
                  "{} job run -check-index {} {}\n\n{}",
                  index, program_name(), index, path, hint));
}

int run(Context& context) {
  const base::Result<JobFile> file = read_job_file(context, context.words[0]);
  if (!file) {
    context.fail("Error getting job struct", file.error());
    return trouble;
  }
  json::Object body = {{"Job", file->job},
                       {"Diff", context.flags.on("diff", true)},
                       {"PolicyOverride", context.flags.on("policy-override")}};
  json::Array suppositions;
  for (std::string& supposition : context.flags.all("if"))
    suppositions.push_back(std::move(supposition));
  if (!suppositions.empty()) body["If"] = std::move(suppositions);
  Params params;
  if (const std::string ns = text(file->job, "Namespace"); !ns.empty())
    params.emplace_back("namespace", ns);
  const base::Result<Reply> reply =
      context.api().send("PUT", job_path(file->job, "/plan"), body, params);
  if (!reply) {
    context.fail("Error during plan", reply.error());
    return trouble;
  }
  if (context.flags.on("json-output"))
    context.out(pretty_json(reply->body));
  else
    show(context, reply->body, file->job, context.words[0]);
  return moves(reply->body) ? something_moves : nothing_moves;
}

}  // namespace

Command job_plan_command() {
  return {.name = "job plan",
          .alias = "plan",
          .synopsis = "Dry-run a job update to determine its effects",
          .usage = "[options] <path>",
          .help =
              "Asks what would happen if the file were submitted now: what changes, what\n"
              "that starts and stops, and whether all of it finds a place. Nothing is written.\n\n"
              "Exit codes: 0 when no allocation is created or destroyed, 1 when some are,\n"
              "255 for any trouble.",
          .flags = job_file_flags(
              {{"diff", "", "Whether to show what changes. Default = true"},
               {"if", "supposition",
                "Plan for a cluster that could be: 'node-down=<id or name>' or\n"
                "'node-add=<class>:<count>'. May be given several times."},
               {"json-output", "", "Print the answer as JSON."},
               {"policy-override", "", "Accepted: there are no policies that could be overridden."},
               {"verbose", "", "What is new or gone with all its fields."}}),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <path>",
          .run = run};
}

}  // namespace caravan::cli
