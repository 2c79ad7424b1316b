// SPDX-License-Identifier: Apache-2.0
// server join, server force-leave.
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run_join(Context& context) {
  Params params;
  for (const std::string& address : context.words)
    params.emplace_back("address", address);
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/agent/join", {}, std::move(params));
  if (!reply) return context.fail("Error joining", reply.error());
  const long long joined = integer(reply->body, "num_joined");
  if (joined == 0) return context.fail("Error joining: " + text(reply->body, "error"));
  context.out(fmt::format("Joined {} servers successfully", joined));
  return 0;
}

int run_force_leave(Context& context) {
  Params params = {{"node", context.words[0]}};
  if (context.flags.on("prune")) params.emplace_back("prune", "1");
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/agent/force-leave", {}, std::move(params));
  if (!reply) return context.fail("Error force-leaving server", reply.error());
  return 0;
}

}  // namespace

Command server_join_command() {
  return {.name = "server join",
          .synopsis = "Let this server get to know others",
          .usage = "[options] <addr> [<addr> ...]",
          .help =
              "Lets the server of this agent get to know the servers at these addresses, and\n"
              "through them all others. One address is enough.",
          .words_min = 1,
          .words_max = 64,
          .takes = "at least one argument: <addr>",
          .run = run_join};
}

Command server_force_leave_command() {
  return {.name = "server force-leave",
          .synopsis = "Give up a server for good",
          .usage = "[options] <name>",
          .help =
              "Tells the servers that one which is silent will not come back, so that it is taken\n"
              "out of the log at once.",
          .flags = {{"prune", "", "Accepted for compatibility: what has left is not kept."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <name>",
          .run = run_force_leave};
}

}  // namespace caravan::cli
