// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

int run(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/agent/self");
  if (!reply) return context.fail("Error querying agent", reply.error());
  const json::Value& stats = reply->body.at("Stats");
  for (const json::Member* part : sorted_members(stats)) {
    context.out(part->name + ":");
    for (const json::Member* each : sorted_members(part->value))
      context.out(fmt::format("\t{} = {}", each->name, text(part->value, each->name)));
  }
  return 0;
}

}  // namespace

Command info_command() {
  return {.name = "info",
          .synopsis = "Show what the agent says of itself",
          .usage = "[options]",
          .help = "Shows the agent's own figures, for those who look for a fault.",
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli::consul
