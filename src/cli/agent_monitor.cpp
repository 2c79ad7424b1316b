// SPDX-License-Identifier: Apache-2.0
// monitor: the log of an agent as it is written.
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  Params params{{"plain", "true"}, {"log_level", context.flags.text("log-level", "info")}};
  if (context.flags.on("json")) params.emplace_back("log_json", "true");
  if (const std::string server = context.flags.text("server-id"); !server.empty())
    params.emplace_back("server_id", server);
  if (const std::string node = context.flags.text("node-id"); !node.empty()) {
    const std::optional<json::Value> found = find_node(context, node);
    if (!found) return 1;
    params.emplace_back("node_id", text(*found, "ID"));
  }
  const base::Status done =
      context.api().stream("/v1/agent/monitor", std::move(params), [&](std::string_view bytes) {
        context.raw(bytes);
        return true;
      });
  return done ? 0 : context.fail("Error starting monitor", done.error());
}

}  // namespace

Command monitor_command() {
  return {.name = "monitor",
          .synopsis = "Stream the log of an agent",
          .usage = "[options]",
          .help =
              "Shows what an agent logs from now on, whatever level it writes its own log with:\n"
              "the one that is asked, a node, or a server.",
          .flags = {{"log-level", "name", "trace, debug, info, warn or error. Default = info"},
                    {"node-id", "id", "The log of this node, or of the one whose id begins so."},
                    {"server-id", "id", "The log of this server: its number, its name or leader."},
                    {"json", "", "Lines as JSON."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli
