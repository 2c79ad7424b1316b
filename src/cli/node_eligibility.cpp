// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// The id of the node that is meant, "" when that has been answered already.
int run(Context& context) {
  const bool enable = context.flags.on("enable"), disable = context.flags.on("disable");
  if (enable == disable)
    return context.wrong_use("Either the '-enable' or '-disable' flag must be set");
  if (context.flags.on("self") == !context.words.empty())
    return context.wrong_use("Node ID must be specified if -self isn't being used");
  const std::string id = target_node(context);
  if (id.empty()) return 1;
  const json::Object body = {{"NodeID", id}, {"Eligibility", enable ? "eligible" : "ineligible"}};
  const base::Result<Reply> reply =
      context.api().send("PUT", fmt::format("/v1/node/{}/eligibility", id), body);
  if (!reply) return context.fail("Error updating scheduling eligibility", reply.error());
  context.out(fmt::format("Node \"{}\" scheduling eligibility set: {} for scheduling", id,
                          enable ? "eligible" : "ineligible"));
  return 0;
}

}  // namespace

Command node_eligibility_command() {
  return {.name = "node eligibility",
          .synopsis = "Say whether a node may get allocations",
          .usage = "[options] <node>",
          .help = "Allocations that are on the node stay; only new ones go elsewhere.",
          .flags = {{"enable", "", "The node may get allocations."},
                    {"disable", "", "It may not."},
                    {"self", "", "The node of the agent that is asked."}},
          .words_max = 1,
          .takes = "one argument: <node>, or -self",
          .run = run};
}

}  // namespace caravan::cli
