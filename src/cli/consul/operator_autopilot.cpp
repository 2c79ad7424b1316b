// SPDX-License-Identifier: Apache-2.0
// operator autopilot get-config, state. What sets is the cluster's own verb.
#include <fmt/core.h>

#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "json/reader.hpp"

namespace caravan::cli::consul {
namespace {

int run_get_config(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/operator/autopilot/configuration");
  if (!reply) return context.fail("Error querying Autopilot configuration", reply.error());
  const json::Value& config = reply->body;
  context.out(fmt::format("CleanupDeadServers = {}\nLastContactThreshold = {}\n"
                          "MaxTrailingLogs = {}\nMinQuorum = {}\nServerStabilizationTime = {}",
                          boolean(config, "CleanupDeadServers"),
                          text(config, "LastContactThreshold"), integer(config, "MaxTrailingLogs"),
                          integer(config, "MinQuorum"), text(config, "ServerStabilizationTime")));
  return 0;
}

/// A cluster that is not well answers 429, with the same body.
base::Result<json::Value> health_of(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/operator/autopilot/health");
  if (reply) return reply->body;
  const std::string& said = reply.error().message;
  const std::size_t from = said.find('{'), to = said.rfind('}');
  if (from == std::string::npos || to < from) return std::unexpected(reply.error());
  return json::parse(said.substr(from, to - from + 1));
}

std::string status_of(const json::Value& server) {
  if (boolean(server, "Leader")) return "leader";
  return boolean(server, "Voter") ? "voter" : "non-voter";
}

std::string shown(const json::Value& server) {
  std::string lines = fmt::format("   {}\n", text(server, "ID"));
  const auto line = [&](const char* name, const std::string& value) {
    lines += fmt::format("      {:<16}{}\n", fmt::format("{}:", name), value);
  };
  line("Name", text(server, "Name"));
  line("Address", text(server, "Address"));
  line("Version", text(server, "Version"));
  line("Status", status_of(server));
  line("Node Type", boolean(server, "Voter") ? "voter" : "non-voter");
  line("Node Status", text(server, "SerfStatus"));
  line("Healthy", yes_no(boolean(server, "Healthy")));
  line("Last Contact", text(server, "LastContact"));
  line("Last Term", fmt::format("{}", integer(server, "LastTerm")));
  line("Last Index", fmt::format("{}", integer(server, "LastIndex")));
  line("Stable Since", text(server, "StableSince"));
  return lines;
}

int run_state(Context& context) {
  const std::string form = context.flags.text("format", "pretty");
  if (form != "pretty" && form != "json")
    return context.wrong_use(fmt::format("Invalid format: {}: pretty and json are known", form));
  const base::Result<json::Value> health = health_of(context);
  if (!health) return context.fail("Error querying Autopilot state", health.error());
  if (form == "json") {
    context.out(pretty_json(*health));
    return 0;
  }
  std::string leader, voters, servers;
  for (const json::Value& server : list(*health, "Servers")) {
    if (boolean(server, "Leader")) leader = text(server, "ID");
    if (boolean(server, "Voter")) voters += fmt::format("   {}\n", text(server, "ID"));
    servers += shown(server);
  }
  context.raw(fmt::format("{:<30}{}\n{:<30}{}\n{:<30}{}\nVoters:\n{}\nServers:\n{}", "Healthy:",
                          boolean(*health, "Healthy"), "Failure Tolerance:",
                          integer(*health, "FailureTolerance"), "Leader:", leader, voters, servers));
  return 0;
}

}  // namespace

Command operator_autopilot_get_config_command() {
  return {.name = "operator autopilot get-config",
          .synopsis = "Display autopilot's configuration",
          .usage = "[options]",
          .help = "Shows the rules by which servers may vote and are taken out.",
          .takes = "no arguments",
          .run = run_get_config};
}

Command operator_autopilot_state_command() {
  return {.name = "operator autopilot state",
          .synopsis = "Display how the servers do",
          .usage = "[options]",
          .help = "Shows who leads, who votes, how each server does, and how many may fail.",
          .flags = {{"format", "form", "pretty or json. Default = pretty"}},
          .takes = "no arguments",
          .run = run_state};
}

}  // namespace caravan::cli::consul
