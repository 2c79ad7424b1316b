// SPDX-License-Identifier: Apache-2.0
// job scale, job scaling-events, scaling policy list, scaling policy info.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// The group to scale and its count: `<job> <count>` will do for a job with one group.
struct Target {
  std::string group;
  long long count = 0;
};

base::Result<Target> target_of(Context& context, const json::Value& job) {
  Target target;
  TRY(target.count, base::parse_int(context.words.back()));
  if (context.words.size() == 3) {
    target.group = context.words[1];
    return target;
  }
  TRY(const Reply reply, context.api().get(job_path(job), in_namespace_of(job)));
  const json::Array& groups = list(reply.body, "TaskGroups");
  if (groups.size() != 1)
    return base::invalid(
        fmt::format("the job has {} groups; name the one that is meant", groups.size()));
  target.group = text(groups[0], "Name");
  return target;
}

int run_scale(Context& context) {
  const base::Result<long long> count = base::parse_int(context.words.back());
  if (!count)
    return context.wrong_use(
        fmt::format("\"{}\" is not a count", base::printable(context.words.back(), 64)));
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return 1;
  const base::Result<Target> target = target_of(context, *job);
  if (!target) return context.fail("Error determining the group", target.error());
  json::Object body = {
      {"Count", std::int64_t{target->count}},
      {"Target", json::Object{{"Job", text(*job, "ID")}, {"Group", target->group}}},
      {"Message", "submitted on the command line"}};
  if (context.flags.given("check-index")) {
    const base::Result<long long> index = context.flags.number("check-index", 0);
    if (!index) return context.wrong_use(index.error().message);
    body["JobModifyIndex"] = std::int64_t{*index};
  }
  const base::Result<Reply> reply =
      context.api().send("PUT", job_path(*job, "/scale"), body, in_namespace_of(*job));
  if (!reply) return context.fail("Error submitting scaling request", reply.error());
  if (const std::string warnings = text(reply->body, "Warnings"); !warnings.empty())
    context.out("Job Warnings:\n" + warnings + "\n");
  const std::string eval = text(reply->body, "EvalID");
  if (!eval.empty() && !context.flags.on("detach")) return monitor(context, eval);
  context.out("Evaluation ID: " + eval);
  return 0;
}

std::string count_text(const json::Value& count) {
  return count.is_null() ? "" : fmt::format("{}", static_cast<std::int64_t>(count.number()));
}

int run_events(Context& context) {
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return 1;
  const base::Result<Reply> reply =
      context.api().get(job_path(*job, "/scale"), in_namespace_of(*job));
  if (!reply) return context.fail("Error listing scaling events", reply.error());
  const bool verbose = context.verbose();
  std::vector<std::pair<std::int64_t, std::vector<std::string>>> found;
  for (const json::Member* group : sorted_members(reply->body.at("TaskGroups")))
    for (const json::Value& event : list(group->value, "Events")) {
      std::vector<std::string> row = {group->name, count_text(event.at("Count")),
                                      count_text(event.at("PreviousCount"))};
      if (verbose) {
        row.push_back(yes_no(boolean(event, "Error")));
        row.push_back(text(event, "Message"));
        row.push_back(text(event, "EvalID"));
      }
      const std::int64_t time = integer(event, "Time");
      row.push_back(format_time(time));
      found.emplace_back(-time, std::move(row));
    }
  if (found.empty()) {
    context.out("No events found");
    return 0;
  }
  std::ranges::sort(found);
  Rows rows = {verbose ? std::vector<std::string>{"Task Group", "Count", "PrevCount", "Error",
                                                  "Message", "Eval ID", "Date"}
                       : std::vector<std::string>{"Task Group", "Count", "PrevCount", "Date"}};
  for (auto& [time, row] : found)
    rows.push_back(std::move(row));
  context.out(table(rows));
  return 0;
}

std::string target_text(const json::Value& policy) {
  std::vector<std::string> parts;
  for (const char* key : {"Namespace", "Job", "Group"})
    if (const std::string value = text(policy.at("Target"), key); !value.empty())
      parts.push_back(fmt::format("{}:{}", key, value));
  return base::join(parts, ",");
}

int run_list(Context& context) {
  Params params;
  for (const char* name : {"job", "type"})
    if (const std::string value = context.flags.text(name); !value.empty())
      params.emplace_back(name, value);
  const base::Result<Reply> reply = context.api().get("/v1/scaling/policies", params);
  if (!reply) return context.fail("Error listing scaling policies", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"ID", "Enabled", "Type", "Target"}};
  for (const json::Value& policy : list(reply->body))
    rows.push_back({short_id(text(policy, "ID"), context.verbose()),
                    yes_no(boolean(policy, "Enabled")), text(policy, "Type"), target_text(policy)});
  context.out(rows.size() == 1 ? "No policies found" : table(rows));
  return 0;
}

int run_info(Context& context) {
  const std::string& typed = context.words[0];
  const base::Result<Reply> policies = context.api().get("/v1/scaling/policies");
  if (!policies) return context.fail("Error querying scaling policy", policies.error());
  std::vector<std::string> ids;
  for (const json::Value& policy : list(policies->body))
    if (text(policy, "ID").starts_with(typed)) ids.push_back(text(policy, "ID"));
  if (ids.empty())
    return context.fail(fmt::format("No scaling policies with prefix or id \"{}\" found",
                                    base::printable(typed, 64)));
  if (ids.size() > 1)
    return context.fail("Prefix matched multiple scaling policies\n\n" + base::join(ids, "\n"));
  const base::Result<Reply> reply = context.api().get("/v1/scaling/policy/" + ids[0]);
  if (!reply) return context.fail("Error querying scaling policy", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  context.out(key_values({{"ID", short_id(ids[0], context.verbose())},
                          {"Enabled", yes_no(boolean(reply->body, "Enabled"))},
                          {"Target", target_text(reply->body)},
                          {"Min", fmt::format("{}", integer(reply->body, "Min"))},
                          {"Max", fmt::format("{}", integer(reply->body, "Max"))}}));
  const json::Value& policy = reply->body.at("Policy");
  context.out("\nPolicy:\n" + (policy.is_null() ? "<empty>" : pretty_json(policy)));
  return 0;
}

}  // namespace

Command job_scale_command() {
  return {.name = "job scale",
          .synopsis = "Change the count of a group",
          .usage = "[options] <job> [<group>] <count>",
          .help =
              "Has a group run this many copies, within the bounds of its scaling block, and\n"
              "follows the evaluation. The group may be left out when the job has only one.",
          .flags = {{"check-index", "index", "Scale only when the job's modify index is this one."},
                    {"detach", "", "Print the evaluation's id and end."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 2,
          .words_max = 3,
          .takes = "two or three arguments: <job> [<group>] <count>",
          .run = run_scale};
}

Command job_scaling_events_command() {
  return {.name = "job scaling-events",
          .synopsis = "List what was done to the counts of a job",
          .usage = "[options] <job>",
          .help =
              "Lists the newest changes of the counts of the job's groups, and what\n"
              "autoscalers had to say about them.",
          .flags = {{"verbose", "", "Messages, errors and evaluations too."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run_events};
}

Command scaling_policy_list_command() {
  return {.name = "scaling policy list",
          .synopsis = "List the scaling policies",
          .usage = "[options]",
          .help = "Lists the scaling blocks of the jobs that stand.",
          .flags = {{"job", "job", "Only those of this job."},
                    {"type", "type", "Only those of this type."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids."}},
          .takes = "no arguments",
          .run = run_list};
}

Command scaling_policy_info_command() {
  return {.name = "scaling policy info",
          .synopsis = "Display a scaling policy",
          .usage = "[options] <policy>",
          .help = "Shows one scaling policy with its bounds and the autoscaler's own words.",
          .flags = {{"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <policy>",
          .run = run_info};
}

}  // namespace caravan::cli
