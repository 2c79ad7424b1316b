// SPDX-License-Identifier: Apache-2.0
// node intro create.
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  const json::Object body{{"NodeName", context.flags.text("node-name")},
                          {"NodePool", context.flags.text("node-pool")},
                          {"TTL", context.flags.text("ttl")}};
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/acl/identity/client-introduction-token", body);
  if (!reply) return context.fail("Error generating client introduction token", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  context.out("Successfully generated client introduction token:\n");
  context.out(text(reply->body, "JWT"));
  return 0;
}

}  // namespace

Command node_intro_create_command() {
  return {.name = "node intro create",
          .synopsis = "Make a token that introduces a new node",
          .usage = "[options]",
          .help =
              "Makes an introduction token, which servers may ask of nodes that they do not\n"
              "know. A node finds it in NOMAD_CLIENT_INTRO_TOKEN, or in intro_token.jwt in\n"
              "its state folder.",
          .flags = {{"node-name", "name", "The one node that it is for; without it, any."},
                    {"node-pool", "pool", "The node's pool; without it, default."},
                    {"ttl", "duration", "How long it counts; without it, the servers' default."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli
