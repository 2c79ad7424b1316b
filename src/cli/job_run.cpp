// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/launch_view.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

/// The general flags say where the job goes, unless the file does.
void place(json::Value& job, const Settings& settings) {
  json::Object* object = job.as_object();
  if (!object) return;
  if (text(job, "Namespace").empty() && !settings.ns.empty()) (*object)["Namespace"] = settings.ns;
  if (!settings.region.empty()) (*object)["Region"] = settings.region;
}

base::Result<json::Object> request_of(const Context& context, const JobFile& file) {
  json::Object variables;
  for (const auto& [name, value] : file.variables)
    variables[name] = value;
  json::Object body = {{"Job", file.job},
                       {"PreserveCounts", context.flags.on("preserve-counts")},
                       {"PreserveResources", context.flags.on("preserve-resources")},
                       {"PolicyOverride", context.flags.on("policy-override")},
                       {"Submission", json::Object{{"Source", file.source},
                                                   {"Format", file.format},
                                                   {"Variables", file.variable_files},
                                                   {"VariableFlags", variables}}}};
  if (context.flags.given("check-index")) {
    TRY(const long long index, context.flags.number("check-index", 0));
    body["EnforceIndex"] = true;
    body["JobModifyIndex"] = std::int64_t{index};
  }
  TRY(const long long priority, context.flags.number("eval-priority", 0));
  if (priority != 0) body["EvalPriority"] = std::int64_t{priority};
  return body;
}

/// A job that changed in between is refused in words of its own.
int refuse(Context& context, const base::Error& error) {
  const std::size_t at = error.message.find("Enforcing job modify index");
  if (at == std::string::npos) return context.fail("Error submitting job", error);
  std::string why = error.message.substr(at);
  if (why.ends_with(')')) why.pop_back();
  return context.fail(why + "\nJob not updated");
}

int submit(Context& context, const JobFile& file) {
  const base::Result<json::Object> body = request_of(context, file);
  if (!body) return context.wrong_use(body.error().message);
  Params params;
  if (const std::string ns = text(file.job, "Namespace"); !ns.empty())
    params.emplace_back("namespace", ns);
  // "global" is also how a job says that any region will do.
  if (const std::string region = text(file.job, "Region"); !region.empty() && region != "global")
    params.emplace_back("region", region);
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/jobs", *body, params);
  if (!reply) return refuse(context, reply.error());
  if (const std::string warnings = text(reply->body, "Warnings"); !warnings.empty())
    context.out(fmt::format("Job Warnings:\n{}\n", warnings));
  const std::string eval = text(reply->body, "EvalID");
  if (!eval.empty() && !context.flags.on("detach")) return monitor(context, eval);
  context.out("Job registration successful");
  if (!eval.empty()) context.out("Evaluation ID: " + eval);
  const json::Value& periodic = file.job.at("Periodic");
  const bool is_launched = periodic.as_object() && !file.job.at("ParameterizedJob").as_object();
  if (eval.empty() && is_launched)
    context.out("Approximate next launch time: " + next_launch_text(periodic, {now_ns()}));
  return 0;
}

int run(Context& context) {
  base::Result<JobFile> file = read_job_file(context, context.words[0]);
  if (!file) return context.fail("Error getting job struct", file.error());
  place(file->job, context.api().settings());
  if (context.flags.on("output")) {
    context.out(json::to_pretty(json::Object{{"Job", file->job}}, 4));
    return 0;
  }
  return submit(context, *file);
}

}  // namespace

Command job_run_command() {
  return {
      .name = "job run",
      .alias = "run",
      .synopsis = "Run a new job or update an existing job",
      .usage = "[options] <path>",
      .help =
          "Submits the job that the file describes and follows its evaluation and its\n"
          "deployment until they end; the path \"-\" reads standard input. Ctrl-C ends the "
          "watching, not the job.\n\n"
          "Exit codes: 0 when all was placed and the deployment succeeded, 2 when\n"
          "something could not be placed, 1 for any other trouble.",
      .flags = job_file_flags(
          {{"check-index", "index",
            "Submit only when the job's modify index is this one; 0 stands for a\njob that does "
            "not exist yet."},
           {"detach", "", "Print the evaluation's id and end, instead of following it."},
           {"eval-priority", "priority",
            "The evaluation's priority, when it shall not be the job's."},
           {"output", "", "Print the JSON that would be submitted, and submit nothing."},
           {"policy-override", "", "Accepted: there are no policies that could be overridden."},
           {"preserve-counts", "", "Keep the counts of groups that exist."},
           {"preserve-resources", "", "Keep the resources of tasks that exist."},
           {"verbose", "", "Whole ids."}}),
      .words_min = 1,
      .words_max = 1,
      .takes = "one argument: <path>",
      .run = run};
}

}  // namespace caravan::cli
