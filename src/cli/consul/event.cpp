// SPDX-License-Identifier: Apache-2.0
// event: tells all agents, or some of them, that something happened.
#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

int run(Context& context) {
  const std::string name = context.flags.text("name");
  if (name.empty()) return context.wrong_use("Missing required -name flag");
  if (context.flags.given("tag") && context.flags.text("service").empty())
    return context.wrong_use("Cannot provide tag filter without service filter");
  Params params;
  for (const char* filter : {"node", "service", "tag"})
    if (context.flags.given(filter)) params.emplace_back(filter, context.flags.text(filter));
  const base::Result<Reply> reply =
      context.api().send_text("PUT", "/v1/event/fire/" + base::percent_encode(name),
                              context.words.empty() ? "" : context.words[0], std::move(params));
  if (!reply) return context.fail("Error firing event", reply.error());
  context.out("Event ID: " + text(reply->body, "ID"));
  return 0;
}

}  // namespace

Command event_command() {
  return {.name = "event",
          .synopsis = "Fire an event that all agents hear",
          .usage = "[options] [payload]",
          .help =
              "Tells the agents of a datacenter that something happened; `watch -type event` hears\n"
              "it. The filters are regular expressions.",
          .flags = {{"name", "name", "Of the event."},
                    {"node", "expression", "Only nodes with such a name hear it."},
                    {"service", "expression", "Only nodes with such a service hear it."},
                    {"tag", "expression", "With -service: which has such a tag."}},
          .words_max = 1,
          .takes = "at most one argument: <payload>",
          .run = run};
}

}  // namespace caravan::cli::consul
