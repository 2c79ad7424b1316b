// SPDX-License-Identifier: Apache-2.0
// eval list, eval status.
#include <fmt/core.h>

#include "cli/alloc_view.hpp"
#include "cli/eval_view.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/placement.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run_list(Context& context) {
  static const std::pair<const char*, const char*> passed[] = {{"job", "job"},
                                                               {"status", "status"},
                                                               {"filter", "filter"},
                                                               {"per-page", "per_page"},
                                                               {"page-token", "next_token"}};
  Params params;
  for (const auto& [flag, name] : passed)
    if (const std::string value = context.flags.text(flag); !value.empty())
      params.emplace_back(name, value);
  const base::Result<Reply> reply = context.api().get("/v1/evaluations", params);
  if (!reply) return context.fail("Error querying evaluations", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  context.out(list(reply->body).empty() ? "No evals found"
                                        : eval_table(reply->body, context.verbose()));
  return 0;
}

int run_status(Context& context) {
  const std::optional<json::Value> found = find_eval(context, context.words[0]);
  if (!found) return 1;
  const std::string id = text(*found, "ID");
  return context.flags.on("monitor") ? monitor(context, id) : show_eval(context, id);
}

}  // namespace

int show_eval(Context& context, const std::string& id) {
  const base::Result<Reply> eval = context.api().get("/v1/evaluation/" + id, {{"related", "true"}});
  if (!eval) return context.fail("Error querying evaluation", eval.error());
  int code = 0;
  if (context.shows_data(eval->body, code)) return code;
  const bool verbose = context.verbose();
  context.out(eval_basics(eval->body, verbose, now_ns()));
  if (const auto failures = failed_placements(eval->body.at("FailedTGAllocs")); !failures.empty()) {
    context.out("\nFailed Placements");
    for (const std::string& line : failures)
      context.out(line);
    if (const std::string blocked = text(eval->body, "BlockedEval"); !blocked.empty())
      context.out(
          fmt::format("\nEvaluation \"{}\" waiting for additional capacity to place remainder",
                      short_id(blocked, verbose)));
  }
  if (const json::Array& related = list(eval->body, "RelatedEvals"); !related.empty()) {
    Rows rows = {{"ID", "Priority", "Triggered By", "Node ID", "Status", "Description"}};
    for (const json::Value& other : related)
      rows.push_back({short_id(text(other, "ID"), verbose),
                      fmt::format("{}", integer(other, "Priority")), text(other, "TriggeredBy"),
                      short_id(text(other, "NodeID"), verbose), text(other, "Status"),
                      text(other, "StatusDescription")});
    context.out("\nRelated Evaluations\n" + table(rows));
  }
  const base::Result<Reply> allocs =
      context.api().get(fmt::format("/v1/evaluation/{}/allocations", id));
  if (allocs && !list(allocs->body).empty())
    context.out("\nPlaced Allocations\n" + alloc_table(allocs->body, verbose, true, now_ns()));
  return 0;
}

Command eval_list_command() {
  return {.name = "eval list",
          .synopsis = "List evaluations",
          .usage = "[options]",
          .help = "Lists the evaluations that the servers still have, newest first.",
          .flags = {{"job", "job", "Only those of this job."},
                    {"status", "status", "Only those in this status."},
                    {"filter", "expression", "Only those that match."},
                    {"per-page", "count", "How many to list."},
                    {"page-token", "token", "Where to go on listing."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids."}},
          .takes = "no arguments",
          .run = run_list};
}

Command eval_status_command() {
  return {.name = "eval status",
          .alias = "eval-status",
          .synopsis = "Display an evaluation",
          .usage = "[options] <evaluation>",
          .help = "Shows one evaluation: why there was one, what it placed and what it could not.",
          .flags = {{"monitor", "", "Follow it until it ends."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids and times."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <evaluation>",
          .run = run_status};
}

}  // namespace caravan::cli
