// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/verbs.hpp"

namespace caravan::cli::consul {
namespace {

int run(Context& context) {
  Params params{{"loglevel", context.flags.text("log-level", "info")}};
  if (context.flags.on("log-json")) params.emplace_back("logjson", "");
  const base::Status done =
      context.api().stream("/v1/agent/monitor", std::move(params), [&](std::string_view bytes) {
        context.raw(bytes);
        return true;
      });
  return done ? 0 : context.fail("Error starting monitor", done.error());
}

}  // namespace

Command monitor_command() {
  return {
      .name = "monitor",
      .synopsis = "Stream the log of the agent",
      .usage = "[options]",
      .help = "Shows what the agent logs from now on, whatever level it writes its own log with.",
      .flags = {{"log-level", "name", "trace, debug, info, warn or error. Default = info"},
                {"log-json", "", "Lines as JSON."}},
      .takes = "no arguments",
      .run = run};
}

}  // namespace caravan::cli::consul
