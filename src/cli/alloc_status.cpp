// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/alloc_view.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// What its tasks use; null when the node cannot say.
json::Value fetch_stats(Context& context, const json::Value& alloc) {
  if (text(alloc, "ClientStatus") != "running") return nullptr;
  base::Result<Reply> reply = context.api().get(
      fmt::format("/v1/client/allocation/{}/stats", text(alloc, "ID")), in_namespace_of(alloc));
  if (reply) return std::move(reply->body);
  context.err("Couldn't retrieve stats: " + reply.error().message);
  return nullptr;
}

int run(Context& context) {
  const std::optional<json::Value> found = find_alloc(context, context.words[0]);
  return found ? show_alloc(context, text(*found, "ID")) : 1;
}

}  // namespace

int show_alloc(Context& context, const std::string& id) {
  const base::Result<Reply> reply = context.api().get("/v1/allocation/" + id);
  if (!reply) return context.fail("Error querying allocation", reply.error());
  const json::Value& alloc = reply->body;
  int code = 0;
  if (context.shows_data(alloc, code)) return code;
  const bool verbose = context.verbose();
  if (context.flags.on("short")) {
    context.out(alloc_short(alloc, verbose, now_ns()));
    return 0;
  }
  context.out(alloc_basics(alloc, verbose, now_ns()));
  if (const std::string addresses = alloc_addresses(alloc); !addresses.empty())
    context.out("\n" + addresses);
  const json::Value stats = fetch_stats(context, alloc);
  if (const std::string tasks = alloc_tasks(alloc, stats, context.flags.on("stats"));
      !tasks.empty())
    context.out("\n" + tasks);
  if (verbose)
    if (const std::string scores = placement_scores(alloc); !scores.empty())
      context.out("\n" + scores);
  return 0;
}

Command alloc_status_command() {
  return {.name = "alloc status",
          .alias = "alloc-status",
          .synopsis = "Display an allocation, its tasks and what happened to them",
          .usage = "[options] <allocation>",
          .help = "Shows one allocation. The beginning of its id is enough.",
          .flags = {{"short", "", "Only where its tasks stand."},
                    {"stats", "", "How much CPU and memory its tasks use, in detail."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids and times, and the metrics of its placement."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <allocation>",
          .run = run};
}

}  // namespace caravan::cli
