// SPDX-License-Identifier: Apache-2.0
// Commands that list what belongs to a job: deployments, allocations, versions.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/alloc_view.hpp"
#include "cli/deployment_view.hpp"
#include "cli/diff_view.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// The answer of one of the job's routes; on failure it has been said and `code` is the exit code.
std::optional<json::Value> of_job(Context& context, const char* rest, const char* what, int& code,
                                  Params params = {}) {
  code = 1;
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return std::nullopt;
  for (auto& pair : in_namespace_of(*job))
    params.push_back(std::move(pair));
  const base::Result<Reply> reply = context.api().get(job_path(*job, rest), params);
  if (!reply) {
    context.err(fmt::format("Error retrieving {}: {}", what, reply.error().message));
    return std::nullopt;
  }
  if (context.shows_data(reply->body, code)) return std::nullopt;
  code = 0;
  return reply->body;
}

int run_deployments(Context& context) {
  int code = 0;
  const bool latest = context.flags.on("latest");
  const auto found = of_job(context, latest ? "/deployment" : "/deployments", "deployments", code);
  if (!found) return code;
  if (found->is_null() || (!latest && list(*found).empty()))
    context.out("No deployments found");
  else
    context.out(latest ? deployment_block(*found, context.verbose(), true)
                       : deployment_table(*found, context.verbose()));
  return 0;
}

int run_allocs(Context& context) {
  int code = 0;
  const auto allocs = of_job(context, "/allocations", "allocations", code,
                             context.flags.on("all") ? Params{{"all", "true"}} : Params());
  if (allocs) context.out(alloc_table(*allocs, context.verbose(), true, now_ns()));
  return code;
}

int run_history(Context& context) {
  const base::Result<long long> wanted = context.flags.number("version", -1);
  if (!wanted) return context.wrong_use(wanted.error().message);
  int code = 0;
  const std::string tag = context.flags.text("diff-tag"),
                    version = context.flags.text("diff-version");
  if (!tag.empty() && !version.empty())
    return context.wrong_use("-diff-tag and -diff-version exclude each other");
  const bool against_one = !tag.empty() || !version.empty();
  const bool with_diffs = context.flags.on("p") || against_one;
  Params params;
  if (with_diffs) params.emplace_back("diffs", "true");
  if (!tag.empty()) params.emplace_back("diff_tag", tag);
  if (!version.empty()) params.emplace_back("diff_version", version);
  const auto found = of_job(context, "/versions", "job versions", code, params);
  if (!found) return code;
  std::string out;
  std::size_t at = 0;  // the diff of a version to the one before it; the oldest has none
  for (const json::Value& job : list(*found, "Versions")) {
    const std::size_t number = at++;
    if (*wanted >= 0 && integer(job, "Version") != *wanted) continue;
    if (!out.empty()) out += "\n\n";
    Pairs pairs = {{"Version", fmt::format("{}", integer(job, "Version"))},
                   {"Stable", yes_no(boolean(job, "Stable"))},
                   {"Submit Date", format_time(integer(job, "SubmitTime"))}};
    if (const json::Value& named = job.at("VersionTag"); named.as_object()) {
      pairs.emplace_back("Tag Name", text(named, "Name"));
      if (const std::string why = text(named, "Description"); !why.empty())
        pairs.emplace_back("Tag Description", why);
    }
    if (context.flags.on("full")) pairs.emplace_back("Full", "JSON Job:\n" + pretty_json(job));
    const json::Array& diffs = list(*found, "Diffs");
    if (with_diffs && number < diffs.size())
      pairs.emplace_back("Diff", "\n" + base::join(diff_lines(diffs[number], false), "\n"));
    out += key_values(pairs);
  }
  if (out.empty()) return context.fail(fmt::format("Job version {} not found", *wanted));
  context.out(out);
  return 0;
}

Command list_command(std::string name, std::string synopsis, std::string help,
                     std::vector<FlagSpec> flags, int (*run)(Context&)) {
  flags.push_back({"json", "", "The answer as JSON."});
  flags.push_back({"t", "template", "The answer through a Go template."});
  flags.push_back({"verbose", "", "Whole ids and times."});
  return {.name = std::move(name),
          .synopsis = std::move(synopsis),
          .usage = "[options] <job>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run};
}

}  // namespace

Command job_deployments_command() {
  return list_command("job deployments", "List the deployments of a job",
                      "Lists the deployments of a job, newest first.",
                      {{"latest", "", "Only the latest, in full."},
                       {"all", "", "Those of an earlier job with the same id too."}},
                      run_deployments);
}
Command job_allocs_command() {
  return list_command("job allocs", "List the allocations of a job",
                      "Lists the allocations of a job, newest first.",
                      {{"all", "", "Those of an earlier job with the same id too."}}, run_allocs);
}
Command job_history_command() {
  return list_command("job history", "Display the versions of a job",
                      "Shows the versions of a job that are kept, newest first.",
                      {{"version", "number", "Only this version."},
                       {"p", "", "With what changed in each."},
                       {"diff-tag", "name", "With what differs from the version of this tag."},
                       {"diff-version", "number", "With what differs from this version."},
                       {"full", "", "Each with the whole job."}},
                      run_history);
}

}  // namespace caravan::cli
