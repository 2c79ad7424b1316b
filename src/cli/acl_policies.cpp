// SPDX-License-Identifier: Apache-2.0
// acl policy apply, list, info, delete, self.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string path_of(const std::string& name) {
  return "/v1/acl/policy/" + base::percent_encode(name);
}

int run_apply(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<std::string> rules = read_text(context.words[1]);
  if (!rules) return context.fail("Failed to read the policy's file", rules.error());
  json::Object policy{
      {"Name", name}, {"Description", context.flags.text("description")}, {"Rules", *rules}};
  json::Object work;
  for (const auto& [flag, member] : {std::pair("namespace", "Namespace"), std::pair("job", "JobID"),
                                     std::pair("group", "Group"), std::pair("task", "Task")})
    if (context.flags.given(flag)) work[member] = context.flags.text(flag);
  const bool of_work = work.contains("JobID") || work.contains("Group") || work.contains("Task");
  if (of_work && !work.contains("JobID")) return context.wrong_use("-group and -task need -job");
  if (of_work && !work.contains("Namespace")) work["Namespace"] = "default";
  if (!work.empty()) policy["JobACL"] = std::move(work);
  const base::Result<Reply> reply = context.api().send("PUT", path_of(name), policy);
  if (!reply) return context.fail("Error writing policy", reply.error());
  context.out(fmt::format("Successfully wrote \"{}\" ACL policy!", name));
  return 0;
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/policies");
  if (!reply) return context.fail("Error listing ACL policies", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"Name", "Description"}};
  for (const json::Value& policy : list(reply->body))
    rows.push_back({text(policy, "Name"), text(policy, "Description")});
  context.out(rows.size() == 1 ? "No policies found" : table(rows));
  return 0;
}

int run_self(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/policy/self");
  if (!reply) return context.fail("Error fetching WI policies", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"Name", "Job ID", "Group Name", "Task Name"}};
  for (const json::Value& policy : list(reply->body)) {
    const json::Value& work = policy.at("JobACL");
    rows.push_back(
        {text(policy, "Name"), text(work, "JobID"), text(work, "Group"), text(work, "Task")});
  }
  context.out(rows.size() == 1 ? "No policies found for this identity." : table(rows));
  return 0;
}

int run_info(Context& context) {
  const base::Result<Reply> reply = context.api().get(path_of(context.words[0]));
  if (!reply) return context.fail("Error fetching info on ACL policy", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const json::Value& policy = reply->body;
  const std::string about = text(policy, "Description");
  context.out(key_values({{"Name", text(policy, "Name")},
                          {"Description", about.empty() ? "<none>" : about},
                          {"CreateIndex", fmt::format("{}", integer(policy, "CreateIndex"))},
                          {"ModifyIndex", fmt::format("{}", integer(policy, "ModifyIndex"))}}));
  if (const json::Value& work = policy.at("JobACL"); !work.is_null())
    context.out("\nAssociated Workload\n" + key_values({{"Namespace", text(work, "Namespace")},
                                                        {"JobID", text(work, "JobID")},
                                                        {"Group", text(work, "Group")},
                                                        {"Task", text(work, "Task")}}));
  context.out("\nRules\n\n" + text(policy, "Rules"));
  return 0;
}

int run_delete(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(name), nullptr);
  if (!reply) return context.fail("Error deleting ACL policy", reply.error());
  context.out(fmt::format("Successfully deleted {} ACL policy!", name));
  return 0;
}

const std::vector<FlagSpec>& data_flags() {
  static const std::vector<FlagSpec> flags = {
      {"json", "", "The answer as JSON."}, {"t", "template", "The answer through a Go template."}};
  return flags;
}

}  // namespace

Command acl_policy_apply_command() {
  return {.name = "acl policy apply",
          .synopsis = "Make or change a policy",
          .usage = "[options] <name> <file>",
          .help =
              "Writes the policy whose rules are in the file, HCL or JSON; \"-\" is standard\n"
              "input. With -job, it is a policy of that job's identities, in -namespace.",
          .flags = {{"description", "text", "What the policy is for."},
                    {"job", "id", "The job whose identities have the policy."},
                    {"group", "name", "A group of that job."},
                    {"task", "name", "A task of that group."}},
          .words_min = 2,
          .words_max = 2,
          .takes = "two arguments: <name> and <file>",
          .run = run_apply};
}

Command acl_policy_list_command() {
  return {.name = "acl policy list",
          .synopsis = "List the policies",
          .usage = "[options]",
          .help = "Lists all policies, or those of the token when it is no management token.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command acl_policy_self_command() {
  return {.name = "acl policy self",
          .synopsis = "List the policies of the token that is used",
          .usage = "[options]",
          .help = "Lists the policies of NOMAD_TOKEN or -token, those of its roles included.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_self};
}

Command acl_policy_info_command() {
  return {.name = "acl policy info",
          .synopsis = "Display a policy",
          .usage = "[options] <name>",
          .help = "Shows a policy and its rules.",
          .flags = data_flags(),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <name>",
          .run = run_info};
}

Command acl_policy_delete_command() {
  return {.name = "acl policy delete",
          .synopsis = "Delete a policy",
          .usage = "<name>",
          .help = "Deletes a policy. Tokens that name it keep the name, which grants nothing.",
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <name>",
          .run = run_delete};
}

}  // namespace caravan::cli
