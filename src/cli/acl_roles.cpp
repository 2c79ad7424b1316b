// SPDX-License-Identifier: Apache-2.0
// acl role create, list, info, update, delete.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/acl_view.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string path_of(const std::string& id) { return "/v1/acl/role/" + base::percent_encode(id); }

int show(Context& context, const json::Value& role) {
  int code = 0;
  if (context.shows_data(role, code)) return code;
  context.out(acl_role_view(role));
  return 0;
}

json::Array links(const std::vector<std::string>& names) {
  json::Array list;
  for (const std::string& name : names)
    list.push_back(json::Object{{"Name", name}});
  return list;
}

int run_create(Context& context) {
  const json::Object role{{"Name", context.flags.text("name")},
                          {"Description", context.flags.text("description")},
                          {"Policies", links(context.flags.all("policy"))}};
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/acl/role", role);
  if (!reply) return context.fail("Error creating ACL role", reply.error());
  return show(context, reply->body);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/roles");
  if (!reply) return context.fail("Error listing ACL roles", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"ID", "Name", "Description", "Policies"}};
  for (const json::Value& role : list(reply->body))
    rows.push_back({text(role, "ID"), text(role, "Name"), text(role, "Description"),
                    base::join(names_of(role.at("Policies")), ",")});
  context.out(rows.size() == 1 ? "No ACL roles found" : table(rows));
  return 0;
}

int run_info(Context& context) {
  const std::string path = context.flags.on("by-name")
                               ? "/v1/acl/role/name/" + base::percent_encode(context.words[0])
                               : path_of(context.words[0]);
  const base::Result<Reply> reply = context.api().get(path);
  if (!reply) return context.fail("Error reading ACL role", reply.error());
  return show(context, reply->body);
}

int run_update(Context& context) {
  const std::string path = path_of(context.words[0]);
  const base::Result<Reply> old = context.api().get(path);
  if (!old) return context.fail("Error reading ACL role", old.error());
  const bool merges = !context.flags.on("no-merge");
  std::vector<std::string> policies;
  if (merges) policies = names_of(old->body.at("Policies"));
  for (const std::string& name : context.flags.all("policy"))
    if (std::ranges::find(policies, name) == policies.end()) policies.push_back(name);
  const auto kept = [&](const char* member) { return merges ? text(old->body, member) : ""; };
  const json::Object role{{"ID", text(old->body, "ID")},
                          {"Name", context.flags.text("name", kept("Name"))},
                          {"Description", context.flags.text("description", kept("Description"))},
                          {"Policies", links(policies)}};
  const base::Result<Reply> reply = context.api().send("PUT", path, role);
  if (!reply) return context.fail("Error updating ACL role", reply.error());
  return show(context, reply->body);
}

int run_delete(Context& context) {
  const std::string& id = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(id), nullptr);
  if (!reply) return context.fail("Error deleting ACL role", reply.error());
  context.out(fmt::format("ACL role {} successfully deleted", id));
  return 0;
}

std::vector<FlagSpec> data_flags(std::vector<FlagSpec> others = {}) {
  others.push_back({"json", "", "The answer as JSON."});
  others.push_back({"t", "template", "The answer through a Go template."});
  return others;
}

std::vector<FlagSpec> role_flags(std::vector<FlagSpec> others = {}) {
  others.push_back({"name", "text", "The name, which no other role may have."});
  others.push_back({"description", "text", "What the role is for."});
  others.push_back({"policy", "name", "A policy of the role; may be repeated."});
  return data_flags(std::move(others));
}

Command of_role(std::string verb, std::string synopsis, std::string help,
                std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = "acl role " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <role id>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <role id>",
          .run = run};
}

}  // namespace

Command acl_role_create_command() {
  return {.name = "acl role create",
          .synopsis = "Make a role",
          .usage = "[options]",
          .help = "Makes a role, which is a named set of policies for tokens.",
          .flags = role_flags(),
          .takes = "no arguments",
          .run = run_create};
}

Command acl_role_list_command() {
  return {.name = "acl role list",
          .synopsis = "List the roles",
          .usage = "[options]",
          .help = "Lists all roles, or those of the token when it is no management token.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command acl_role_info_command() {
  return of_role("info", "Display a role", "Shows a role and its policies.",
                 data_flags({{"by-name", "", "The argument is the role's name."}}), run_info);
}

Command acl_role_update_command() {
  return of_role("update", "Change a role",
                 "Changes what is named, and adds policies to those that the role has.",
                 role_flags({{"no-merge", "", "Replaces all that the role has."}}), run_update);
}

Command acl_role_delete_command() {
  return of_role("delete", "Delete a role",
                 "Deletes a role. Tokens that name it keep the id, which grants nothing.", {},
                 run_delete);
}

}  // namespace caravan::cli
