// SPDX-License-Identifier: Apache-2.0
// operator autopilot get-config, set-config, health.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "json/reader.hpp"

namespace caravan::cli {
namespace {

constexpr const char* config_path = "/v1/operator/autopilot/configuration";

const std::vector<FlagSpec> data_flags = {{"json", "", "The answer as JSON."},
                                          {"t", "template", "The answer through a Go template."}};

int run_autopilot_config(Context& context) {
  const base::Result<Reply> reply = context.api().get(config_path);
  if (!reply) return context.fail("Error querying Autopilot configuration", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const json::Value& config = reply->body;
  context.out(
      key_values({{"CleanupDeadServers", yes_no(boolean(config, "CleanupDeadServers"))},
                  {"LastContactThreshold", text(config, "LastContactThreshold")},
                  {"MaxTrailingLogs", fmt::format("{}", integer(config, "MaxTrailingLogs"))},
                  {"MinQuorum", fmt::format("{}", integer(config, "MinQuorum"))},
                  {"ServerStabilizationTime", text(config, "ServerStabilizationTime")}}));
  return 0;
}

int run_autopilot_health(Context& context) {
  // An unhealthy cluster answers 429, with the same body.
  const base::Result<Reply> reply = context.api().get("/v1/operator/autopilot/health");
  json::Value health;
  if (reply) {
    health = reply->body;
  } else {
    const std::string& said = reply.error().message;
    const std::size_t from = said.find('{'), to = said.rfind('}');
    if (from == std::string::npos || to < from)
      return context.fail("Error querying Autopilot health", reply.error());
    health = json::parse(said.substr(from, to - from + 1)).value_or(json::Value());
  }
  int code = 0;
  if (context.shows_data(health, code)) return code;
  Rows rows = {{"ID", "Name", "Address", "SerfStatus", "Version", "Leader", "Voter", "Healthy",
                "LastContact", "LastTerm", "LastIndex", "StableSince"}};
  for (const json::Value& server : list(health, "Servers"))
    rows.push_back({text(server, "ID"), text(server, "Name"), text(server, "Address"),
                    text(server, "SerfStatus"), text(server, "Version"),
                    yes_no(boolean(server, "Leader")), yes_no(boolean(server, "Voter")),
                    yes_no(boolean(server, "Healthy")), text(server, "LastContact"),
                    fmt::format("{}", integer(server, "LastTerm")),
                    fmt::format("{}", integer(server, "LastIndex")), text(server, "StableSince")});
  context.out(
      key_values({{"Healthy", yes_no(boolean(health, "Healthy"))},
                  {"FailureTolerance", fmt::format("{}", integer(health, "FailureTolerance"))}}));
  context.out("\n" + table(rows));
  return boolean(health, "Healthy") ? 0 : 2;
}

/// What is there with what the flags change.
base::Result<json::Object> changed(const Context& context, const json::Value& now) {
  json::Object config = *now.as_object();
  if (context.flags.given("cleanup-dead-servers")) {
    const std::string value = base::to_lower(context.flags.text("cleanup-dead-servers"));
    if (value != "true" && value != "false")
      return base::invalid("-cleanup-dead-servers: neither true nor false");
    config["CleanupDeadServers"] = value == "true";
  }
  for (const auto& [flag, member] :
       {std::pair("max-trailing-logs", "MaxTrailingLogs"), std::pair("min-quorum", "MinQuorum")}) {
    TRY(const long long number, context.flags.number(flag, integer(now, member)));
    if (number < 0) return base::invalid(fmt::format("-{}: must not be negative", flag));
    config[member] = static_cast<std::int64_t>(number);
  }
  for (const auto& [flag, member] :
       {std::pair("last-contact-threshold", "LastContactThreshold"),
        std::pair("server-stabilization-time", "ServerStabilizationTime")})
    if (context.flags.given(flag)) config[member] = context.flags.text(flag);
  return config;
}

int run_set(Context& context) {
  const base::Result<Reply> now = context.api().get(config_path);
  if (!now) return context.fail("Error querying Autopilot configuration", now.error());
  if (!now->body.as_object()) return context.fail("the agent's answer is not understood");
  const base::Result<json::Object> config = changed(context, now->body);
  if (!config) return context.wrong_use(config.error().message);
  const Params params{{"cas", fmt::format("{}", integer(now->body, "ModifyIndex"))}};
  const base::Result<Reply> reply = context.api().send("PUT", config_path, *config, params);
  if (!reply) return context.fail("Error setting Autopilot configuration", reply.error());
  if (base::trim(reply->text) != "true")
    return context.fail(
        "Autopilot configuration could not be atomically updated, please try again");
  context.out("Configuration updated!");
  return 0;
}

}  // namespace

Command operator_autopilot_get_config_command() {
  return {.name = "operator autopilot get-config",
          .synopsis = "Display autopilot's configuration",
          .usage = "[options]",
          .help = "Shows the rules by which servers may vote and are taken out.",
          .flags = data_flags,
          .takes = "no arguments",
          .run = run_autopilot_config};
}

Command operator_autopilot_health_command() {
  return {
      .name = "operator autopilot health",
      .synopsis = "Display how the servers do",
      .usage = "[options]",
      .help = "Shows how the servers do, and how many may fail. Exits with 2 when one is not well.",
      .flags = data_flags,
      .takes = "no arguments",
      .run = run_autopilot_health};
}

Command operator_autopilot_set_config_command() {
  return {.name = "operator autopilot set-config",
          .synopsis = "Change autopilot's configuration",
          .usage = "[options]",
          .help = "Changes what is named and leaves the rest as it is.",
          .flags = {{"cleanup-dead-servers", "true|false",
                     "Whether servers that are dead for long are taken out of the log."},
                    {"last-contact-threshold", "duration", "Shown, and without effect yet."},
                    {"max-trailing-logs", "entries",
                     "How far behind a server may be and still be healthy."},
                    {"min-quorum", "servers", "So many voters stay, dead or not."},
                    {"server-stabilization-time", "duration",
                     "How long a server has to be healthy before it votes."}},
          .takes = "no arguments",
          .run = run_set};
}

}  // namespace caravan::cli
