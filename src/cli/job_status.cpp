// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/core.h>

#include "cli/alloc_view.hpp"
#include "cli/deployment_view.hpp"
#include "cli/eval_view.hpp"
#include "cli/job_view.hpp"
#include "cli/lookup.hpp"
#include "cli/placement.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// All that a job's page is made of.
struct JobFacts {
  json::Value job, summary, evals, allocs, deployment;
};

base::Result<JobFacts> fetch(Context& context, const json::Value& found) {
  const Params ns = in_namespace_of(found);
  Params all = ns;
  if (context.flags.on("all-allocs")) all.emplace_back("all", "true");
  JobFacts facts;
  const auto get = [&](const char* rest, const Params& params, json::Value& into) -> base::Status {
    TRY(Reply reply, context.api().get(job_path(found, rest), params));
    into = std::move(reply.body);
    return {};
  };
  TRY_VOID(get("", ns, facts.job));
  if (context.flags.on("short")) return facts;
  TRY_VOID(get("/summary", ns, facts.summary));
  TRY_VOID(get("/evaluations", ns, facts.evals));
  TRY_VOID(get("/allocations", all, facts.allocs));
  TRY_VOID(get("/deployment", ns, facts.deployment));
  return facts;
}

/// The failures of the newest evaluation that left something waiting.
std::string placement_block(const json::Value& evals) {
  const json::Value* latest = nullptr;
  bool waits = false;
  for (const json::Value& eval : list(evals)) {
    if (text(eval, "Status") == "blocked") waits = true;
    const bool counts = text(eval, "Status") == "complete";
    if (counts && (!latest || integer(eval, "CreateIndex") > integer(*latest, "CreateIndex")))
      latest = &eval;
  }
  if (!waits || !latest || sorted_members(latest->at("FailedTGAllocs")).empty()) return "";
  std::string out = "\nPlacement Failure";
  for (const json::Member* group : sorted_members(latest->at("FailedTGAllocs"))) {
    out += fmt::format("\nTask Group \"{}\":", group->name);
    for (const std::string& line : placement_lines(group->value, "  "))
      out += "\n" + line;
  }
  return out;
}

void show_instances(Context& context, const JobFacts& facts) {
  context.out("\n" + job_summary(facts.summary));
  if (context.flags.on("evals") || context.verbose())
    context.out("\nEvaluations\n" + job_eval_table(facts.evals, context.verbose()));
  if (const std::string failures = placement_block(facts.evals); !failures.empty())
    context.out(failures);
  if (!facts.deployment.is_null())
    context.out("\nLatest Deployment\n" +
                deployment_block(facts.deployment, context.verbose(), false));
  context.out("\nAllocations\n" + alloc_table(facts.allocs, context.verbose(), true, now_ns()));
}

void show_children(Context& context, const JobFacts& facts, bool periodic) {
  if (!periodic) context.out("\n" + parameterized_block(facts.job.at("ParameterizedJob")));
  context.out("\n" + children_summary(facts.summary, periodic ? "Children Job Summary"
                                                              : "Parameterized Job Summary"));
  const std::string id = text(facts.job, "ID");
  const base::Result<Reply> jobs =
      context.api().get("/v1/jobs", {{"prefix", id + (periodic ? "/periodic-" : "/dispatch-")},
                                     {"namespace", text(facts.job, "Namespace")}});
  Rows rows = {{"ID", "Status"}};
  if (jobs)
    for (const json::Value& child : list(jobs->body))
      if (text(child, "ParentID") == id) rows.push_back({text(child, "ID"), text(child, "Status")});
  if (rows.size() == 1)
    context.out(fmt::format("\nNo {} job found", periodic
                                                     ? "instances of periodic"
                                                     : "dispatched instances of parameterized"));
  else
    context.out(fmt::format("\n{}\n{}", periodic ? "Previously Launched Jobs" : "Dispatched Jobs",
                            table(rows)));
}

int run(Context& context) {
  if (context.words.empty()) return list_jobs(context);
  const std::optional<json::Value> found = find_job(context, context.words[0]);
  return found ? show_job(context, *found) : 1;
}

}  // namespace

int list_jobs(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/jobs");
  if (!reply) return context.fail("Error querying jobs", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  if (list(reply->body).empty())
    context.out("No running jobs");
  else
    context.out(job_table(reply->body, context.api().settings().ns == "*"));
  return 0;
}

int show_job(Context& context, const json::Value& found) {
  const base::Result<JobFacts> facts = fetch(context, found);
  if (!facts) return context.fail("Error querying job", facts.error());
  int code = 0;
  if (context.shows_data(facts->job, code)) return code;
  context.out(job_basics(facts->job));
  if (context.flags.on("short")) return 0;
  const bool periodic = facts->job.at("Periodic").as_object();
  const bool parameterized =
      facts->job.at("ParameterizedJob").as_object() && !boolean(facts->job, "Dispatched");
  if (periodic || parameterized)
    show_children(context, *facts, periodic && !parameterized);
  else
    show_instances(context, *facts);
  return 0;
}

Command job_status_command() {
  return {.name = "job status",
          .synopsis = "Display the jobs, or one of them",
          .usage = "[options] [<job>]",
          .help =
              "Without a job, lists all of them. The beginning of an id is enough, when\nno other "
              "job begins so.",
          .flags = {{"short", "", "Only the block at the top."},
                    {"evals", "", "The job's evaluations too."},
                    {"all-allocs", "", "Allocations of an earlier job with the same id too."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids and times, and the evaluations."}},
          .words_max = 1,
          .takes = "either no arguments or one: <job>",
          .run = run};
}

}  // namespace caravan::cli
