// SPDX-License-Identifier: Apache-2.0
// reload, leave, acl set-agent-token.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"

namespace caravan::cli::consul {
namespace {

int run_reload(Context& context) {
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/agent/reload", nullptr);
  if (!reply) return context.fail("Error reloading", reply.error());
  context.out("Configuration reload triggered");
  return 0;
}

int run_leave(Context& context) {
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/agent/leave", nullptr);
  if (!reply) return context.fail("Error leaving", reply.error());
  context.out("Graceful leave complete");
  return 0;
}

int run_set_token(Context& context) {
  const std::string& kind = context.words[0];
  const json::Object body{{"Token", context.words[1]}};
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/agent/token/" + base::percent_encode(kind), body);
  if (!reply)
    return context.fail(fmt::format("Failed to set ACL token \"{}\"", kind), reply.error());
  context.out(fmt::format("ACL token \"{}\" set successfully", kind));
  return 0;
}

}  // namespace

Command reload_command() {
  return {.name = "reload",
          .synopsis = "Let the agent read its files again",
          .usage = "",
          .help = "Services, checks and certificates of the agent's files are read again.",
          .takes = "no arguments",
          .run = run_reload};
}
Command leave_command() {
  return {.name = "leave",
          .synopsis = "Let the agent leave for good",
          .usage = "",
          .help = "The agent leaves the cluster with all that is on its node, and ends.",
          .takes = "no arguments",
          .run = run_leave};
}
Command acl_set_agent_token_command() {
  return {.name = "acl set-agent-token",
          .synopsis = "Give the agent a token",
          .usage = "<kind> <secret>",
          .help =
              "The kind default stands for whoever asks this agent without a token; \"\" takes it\n"
              "away. It lasts as long as the agent, or for ever with enable_token_persistence.\n"
              "Other kinds are agent, agent_recovery, agent_master, replication and\n"
              "config_file_service_registration: an agent proves itself by its certificate, and\n"
              "needs none of them. The secret only has to be that of a token.",
          .words_min = 2,
          .words_max = 2,
          .takes = "two arguments: <kind> <secret>",
          .run = run_set_token};
}

}  // namespace caravan::cli::consul
