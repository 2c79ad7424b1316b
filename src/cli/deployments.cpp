// SPDX-License-Identifier: Apache-2.0
// deployment list, deployment status.
#include "cli/deployment_monitor.hpp"
#include "cli/deployment_view.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run_list(Context& context) {
  Params params;
  if (const std::string filter = context.flags.text("filter"); !filter.empty())
    params.emplace_back("filter", filter);
  const base::Result<Reply> reply = context.api().get("/v1/deployments", params);
  if (!reply) return context.fail("Error retrieving deployments", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  context.out(list(reply->body).empty() ? "No deployments found"
                                        : deployment_table(reply->body, context.verbose()));
  return 0;
}

int run_status(Context& context) {
  const std::optional<json::Value> found = find_deployment(context, context.words[0]);
  if (!found) return 1;
  return context.flags.on("monitor") ? monitor_deployment(context, text(*found, "ID"), "")
                                     : show_deployment(context, *found);
}

}  // namespace

int show_deployment(Context& context, const json::Value& found) {
  const base::Result<Reply> reply = context.api().get("/v1/deployment/" + text(found, "ID"));
  if (!reply) return context.fail("Error retrieving deployment", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  context.out(deployment_block(reply->body, context.verbose(), true));
  return 0;
}

Command deployment_list_command() {
  return {.name = "deployment list",
          .synopsis = "List deployments",
          .usage = "[options]",
          .help = "Lists the deployments that the servers still have, newest first.",
          .flags = {{"filter", "expression", "Only those that match."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids."}},
          .takes = "no arguments",
          .run = run_list};
}

Command deployment_status_command() {
  return {.name = "deployment status",
          .synopsis = "Display a deployment",
          .usage = "[options] <deployment>",
          .help = "Shows one deployment and how far its groups have come.",
          .flags = {{"monitor", "", "Follow it until it ends."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <deployment>",
          .run = run_status};
}

}  // namespace caravan::cli
