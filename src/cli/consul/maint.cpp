// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

constexpr const char* node_check = "_node_maintenance";
constexpr const char* service_check = "_service_maintenance:";

/// What is in maintenance on this agent.
int list_all(Context& context) {
  const base::Result<Reply> self = context.api().get("/v1/agent/self");
  if (!self) return context.fail("Error querying Consul agent", self.error());
  const base::Result<Reply> checks = context.api().get("/v1/agent/checks");
  if (!checks) return context.fail("Error getting checks", checks.error());
  for (const json::Member* check : sorted_members(checks->body)) {
    const std::string reason = text(check->value, "Notes");
    if (check->name == node_check) {
      context.out("Node:");
      context.out("  Name:   " + text(self->body.at("Config"), "NodeName"));
      context.out("  Reason: " + reason);
      context.out("");
    } else if (check->name.starts_with(service_check)) {
      context.out("Service:");
      context.out("  ID:     " + text(check->value, "ServiceID"));
      context.out("  Reason: " + reason);
      context.out("");
    }
  }
  return 0;
}

int run(Context& context) {
  const Flags& flags = context.flags;
  const bool on = flags.on("enable"), off = flags.on("disable");
  const std::string service = flags.text("service"), reason = flags.text("reason");
  if (on && off) return context.wrong_use("Only one of -enable or -disable may be provided");
  if (!on && !off && (!service.empty() || !reason.empty()))
    return context.wrong_use("-service and -reason want -enable or -disable");
  if (off && !reason.empty()) return context.wrong_use("Reason may only be provided with -enable");
  if (!on && !off) return list_all(context);
  Params params = {{"enable", on ? "true" : "false"}};
  if (!reason.empty()) params.emplace_back("reason", reason);
  const std::string path = service.empty()
                               ? "/v1/agent/maintenance"
                               : "/v1/agent/service/maintenance/" + base::percent_encode(service);
  const base::Result<Reply> reply = context.api().send("PUT", path, nullptr, params);
  if (!reply)
    return context.fail(on ? "Error enabling maintenance" : "Error disabling maintenance",
                        reply.error());
  const char* word = on ? "enabled" : "disabled";
  context.out(service.empty()
                  ? fmt::format("Node maintenance is now {}", word)
                  : fmt::format("Service maintenance is now {} for \"{}\"", word, service));
  return 0;
}

}  // namespace

Command maint_command() {
  return {.name = "maint",
          .synopsis = "Put the node or a service into maintenance",
          .usage = "[options]",
          .help =
              "Hides the agent's node, or one of its services, from those who look for healthy\n"
              "ones. Without flags, lists what is hidden so.",
          .flags = {{"enable", "", "Begin."},
                    {"disable", "", "End."},
                    {"reason", "text", "Why, for those who look."},
                    {"service", "id", "One service instead of the node."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli::consul
