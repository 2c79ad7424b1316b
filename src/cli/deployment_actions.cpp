// SPDX-License-Identifier: Apache-2.0
// deployment promote, pause, resume, fail; job promote.
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

struct Action {
  const char* path;   // under /v1/deployment/
  const char* doing;  // for "Error … deployment"
  const char* done;   // "Deployment … done"
  bool always_says;   // there is nothing to follow
};

int act(Context& context, const Action& action, const json::Value& deployment, json::Object body) {
  const std::string id = text(deployment, "ID");
  body["DeploymentID"] = id;
  const base::Result<Reply> reply =
      context.api().send("PUT", fmt::format("/v1/deployment/{}/{}", action.path, id), body,
                         in_namespace_of(deployment));
  if (!reply) return context.fail(fmt::format("Error {} deployment", action.doing), reply.error());
  const bool detached = context.flags.on("detach");
  if (detached || action.always_says)
    context.out(fmt::format("Deployment \"{}\" {}", id, action.done));
  const json::Value& reverted = reply->body.at("RevertedJobVersion");
  if (!reverted.is_null())
    context.out(fmt::format("Deployment \"{}\" rolling back to job version {}", id,
                            integer(reply->body, "RevertedJobVersion")));
  const std::string eval = text(reply->body, "EvalID");
  return detached || action.always_says || eval.empty() ? 0 : monitor(context, eval);
}

int act_on_named(Context& context, const Action& action, json::Object body) {
  const std::optional<json::Value> found = find_deployment(context, context.words[0]);
  return found ? act(context, action, *found, std::move(body)) : 1;
}

constexpr Action promotes{"promote", "promoting", "promoted", false};
constexpr Action pauses{"pause", "pausing", "paused", true};
constexpr Action resumes{"pause", "resuming", "resumed", false};
constexpr Action fails{"fail", "failing", "marked as failed", false};

json::Object groups_of(const Context& context) {
  json::Array groups;
  for (const std::string& group : context.flags.all("group"))
    groups.emplace_back(group);
  const bool all = groups.empty();
  return {{"All", all}, {"Groups", std::move(groups)}};
}

int run_promote(Context& context) { return act_on_named(context, promotes, groups_of(context)); }
int run_pause(Context& context) { return act_on_named(context, pauses, {{"Pause", true}}); }
int run_resume(Context& context) { return act_on_named(context, resumes, {{"Pause", false}}); }
int run_fail(Context& context) { return act_on_named(context, fails, {}); }

int run_job_promote(Context& context) {
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return 1;
  const base::Result<Reply> latest =
      context.api().get(job_path(*job, "/deployment"), in_namespace_of(*job));
  if (!latest) return context.fail("Error retrieving deployments", latest.error());
  if (latest->body.is_null())
    return context.fail(fmt::format("Job \"{}\" has no deployment", text(*job, "ID")));
  return act(context, promotes, latest->body, groups_of(context));
}

const FlagSpec detach{"detach", "", "End at once, instead of following the evaluation."};
const FlagSpec verbose{"verbose", "", "Whole ids."};
const FlagSpec group{"group", "name", "Only this group; may be given several times."};

Command on_deployment(std::string name, std::string synopsis, std::string help,
                      std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = std::move(name),
          .alias = "",
          .synopsis = std::move(synopsis),
          .usage = "[options] <deployment>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <deployment>",
          .run = run};
}

}  // namespace

Command deployment_promote_command() {
  return on_deployment("deployment promote", "Promote a deployment's canaries",
                       "Has the new version replace the old one, once its canaries are healthy.",
                       {group, detach, verbose}, run_promote);
}

Command deployment_pause_command() {
  return on_deployment("deployment pause", "Pause a deployment",
                       "Nothing more is replaced, and nothing fails, until it is resumed.",
                       {verbose}, run_pause);
}

Command deployment_resume_command() {
  return on_deployment("deployment resume", "Resume a paused deployment",
                       "The rollout goes on; its progress deadline begins anew.", {detach, verbose},
                       run_resume);
}

Command deployment_fail_command() {
  return on_deployment("deployment fail", "Manually fail a deployment",
                       "Ends the rollout. Canaries are stopped, and with auto_revert the job goes\n"
                       "back to its newest stable version.",
                       {detach, verbose}, run_fail);
}

Command job_promote_command() {
  Command command = on_deployment("job promote", "Promote a job's canaries",
                                  "Promotes the latest deployment of the job.",
                                  {group, detach, verbose}, run_job_promote);
  command.usage = "[options] <job>";
  command.takes = "one argument: <job>";
  return command;
}

}  // namespace caravan::cli
