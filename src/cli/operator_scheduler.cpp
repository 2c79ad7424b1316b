// SPDX-License-Identifier: Apache-2.0
// operator scheduler get-config, operator scheduler set-config.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* path = "/v1/operator/scheduler/configuration";

/// Flags that are true or false, with the member that each sets; those of preemption stand in an
/// object of their own.
struct Switch {
  const char* flag;
  const char* member;
  const char* help;
  bool preemption;
};
constexpr Switch switches[] = {
    {"memory-oversubscription", "MemoryOversubscriptionEnabled",
     "Whether tasks may use up to their memory_max.", false},
    {"reject-job-registration", "RejectJobRegistration",
     "Whether jobs are refused: new ones, dispatches and scaling.", false},
    {"pause-eval-broker", "PauseEvalBroker", "Whether evaluations wait.", false},
    {"preempt-system-scheduler", "SystemSchedulerEnabled",
     "Whether system jobs take the place of less important ones.", true},
    {"preempt-sysbatch-scheduler", "SysBatchSchedulerEnabled", "The same for sysbatch jobs.", true},
    {"preempt-batch-scheduler", "BatchSchedulerEnabled", "The same for batch jobs.", true},
    {"preempt-service-scheduler", "ServiceSchedulerEnabled", "The same for service jobs.", true},
};

int run_get(Context& context) {
  const base::Result<Reply> reply = context.api().get(path);
  if (!reply) return context.fail("Error querying scheduler configuration", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const json::Value& config = reply->body.at("SchedulerConfig");
  const json::Value& preempt = config.at("PreemptionConfig");
  context.out(key_values(
      {{"Scheduler Algorithm", text(config, "SchedulerAlgorithm")},
       {"Memory Oversubscription", yes_no(boolean(config, "MemoryOversubscriptionEnabled"))},
       {"Reject Job Registration", yes_no(boolean(config, "RejectJobRegistration"))},
       {"Pause Eval Broker", yes_no(boolean(config, "PauseEvalBroker"))},
       {"Preemption System Scheduler", yes_no(boolean(preempt, "SystemSchedulerEnabled"))},
       {"Preemption Service Scheduler", yes_no(boolean(preempt, "ServiceSchedulerEnabled"))},
       {"Preemption Batch Scheduler", yes_no(boolean(preempt, "BatchSchedulerEnabled"))},
       {"Preemption SysBatch Scheduler", yes_no(boolean(preempt, "SysBatchSchedulerEnabled"))},
       {"Modify Index", fmt::format("{}", integer(config, "ModifyIndex"))}}));
  return 0;
}

/// What is there with what the flags change.
base::Result<json::Object> changed(const Context& context, const json::Value& now) {
  json::Object config = *now.as_object();
  if (const std::string algorithm = context.flags.text("scheduler-algorithm"); !algorithm.empty())
    config["SchedulerAlgorithm"] = algorithm;
  for (const Switch& change : switches) {
    if (!context.flags.given(change.flag)) continue;
    const std::string value = base::to_lower(context.flags.text(change.flag));
    if (value != "true" && value != "false")
      return base::invalid(fmt::format("-{}: neither true nor false", change.flag));
    json::Object* into = change.preemption ? config["PreemptionConfig"].as_object() : &config;
    if (into) (*into)[change.member] = value == "true";
  }
  return config;
}

int run_set(Context& context) {
  const base::Result<Reply> now = context.api().get(path);
  if (!now) return context.fail("Error querying scheduler configuration", now.error());
  const json::Value& current = now->body.at("SchedulerConfig");
  if (!current.as_object()) return context.fail("the agent's answer is not understood");
  const base::Result<json::Object> config = changed(context, current);
  if (!config) return context.wrong_use(config.error().message);
  const base::Result<long long> index =
      context.flags.number("check-index", integer(current, "ModifyIndex"));
  if (!index) return context.wrong_use(index.error().message);
  const base::Result<Reply> reply =
      context.api().send("PUT", path, *config, {{"cas", fmt::format("{}", *index)}});
  if (!reply) return context.fail("Error updating scheduler configuration", reply.error());
  if (!boolean(reply->body, "Updated"))
    return context.fail(
        "Scheduler configuration could not be atomically updated, please try again");
  context.out("Scheduler configuration updated!");
  return 0;
}

}  // namespace

Command operator_scheduler_get_config_command() {
  return {.name = "operator scheduler get-config",
          .synopsis = "Display the scheduler's configuration",
          .usage = "[options]",
          .help = "Shows what operators have set of the scheduler.",
          .flags = {{"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."}},
          .takes = "no arguments",
          .run = run_get};
}

Command operator_scheduler_set_config_command() {
  std::vector<FlagSpec> flags = {
      {"check-index", "index", "Set it only when its modify index is this one."},
      {"scheduler-algorithm", "name", "binpack fills nodes up, spread keeps them evenly used."}};
  for (const Switch& change : switches)
    flags.push_back({change.flag, "true|false", change.help});
  return {.name = "operator scheduler set-config",
          .synopsis = "Change the scheduler's configuration",
          .usage = "[options]",
          .help = "Changes what is named and leaves the rest as it is.",
          .flags = std::move(flags),
          .takes = "no arguments",
          .run = run_set};
}

}  // namespace caravan::cli
