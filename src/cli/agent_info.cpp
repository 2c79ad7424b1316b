// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  const base::Result<Reply> self = context.api().get("/v1/agent/self");
  if (!self) return context.fail("Error querying agent info", self.error());
  int code = 0;
  if (context.shows_data(self->body, code)) return code;
  for (const json::Member* section : sorted_members(self->body.at("stats"))) {
    context.out(section->name);
    for (const json::Member* stat : sorted_members(section->value))
      context.out(fmt::format(
          "  {} = {}", stat->name,
          stat->value.as_string() ? *stat->value.as_string() : json::to_string(stat->value)));
  }
  return 0;
}

}  // namespace

Command agent_info_command() {
  return {.name = "agent-info",
          .synopsis = "Display what the agent says of itself",
          .usage = "[options]",
          .help = "Shows the figures of the agent that is asked, by section.",
          .flags = {{"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli
