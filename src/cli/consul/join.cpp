// SPDX-License-Identifier: Apache-2.0
// join, force-leave.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"

namespace caravan::cli::consul {
namespace {

int run_join(Context& context) {
  int joined = 0;
  std::string last;
  for (const std::string& address : context.words) {
    const base::Result<Reply> reply =
        context.api().send("PUT", "/v1/agent/join/" + base::percent_encode(address), nullptr);
    if (reply) {
      ++joined;
    } else {
      last = reply.error().message;
      context.err(fmt::format("Error joining address '{}': {}", address, last));
    }
  }
  if (joined == 0) return context.fail("Failed to join any nodes.");
  context.out(fmt::format("Successfully joined cluster by contacting {} nodes.", joined));
  return 0;
}

int run_force_leave(Context& context) {
  const base::Result<Reply> reply = context.api().send(
      "PUT", "/v1/agent/force-leave/" + base::percent_encode(context.words[0]), nullptr);
  return reply ? 0 : context.fail("Error force leaving", reply.error());
}

}  // namespace

Command join_command() {
  return {.name = "join",
          .synopsis = "Let the agent's server join others",
          .usage = "<address>...",
          .help = "Makes the agent that is asked join the servers at these addresses.",
          .words_min = 1,
          .words_max = 64,
          .takes = "at least one argument: <address>",
          .run = run_join};
}
Command force_leave_command() {
  return {.name = "force-leave",
          .synopsis = "Give a failed server up",
          .usage = "<node>",
          .help = "Makes a server that failed one that has left.",
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <node>",
          .run = run_force_leave};
}

}  // namespace caravan::cli::consul
