// SPDX-License-Identifier: Apache-2.0
// acl policy create, read, list, update, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/acl_view.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

std::string path_of(const std::string& id) { return "/v1/acl/policy/" + base::percent_encode(id); }

/// Below its name, as lists show it.
std::string row_view(const json::Value& policy) {
  return fmt::format("{}:\n   ID:           {}\n   Description:  {}\n   Datacenters:  {}",
                     text(policy, "Name"), text(policy, "ID"), text(policy, "Description"),
                     base::join(texts(policy.at("Datacenters")), ", "));
}

int run_create(Context& context) {
  if (context.flags.text("name").empty()) return context.wrong_use("Missing require '-name' flag");
  const base::Result<std::string> rules = data_of(context.flags.text("rules"));
  if (!rules) return context.fail("Error loading rules", rules.error());
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/acl/policy",
                         json::Object{{"Name", context.flags.text("name")},
                                      {"Description", context.flags.text("description")},
                                      {"Rules", *rules}});
  if (!reply) return context.fail("Failed to create new policy", reply.error());
  return show(context, reply->body, policy_view);
}

int run_read(Context& context) {
  const base::Result<std::string> id = id_of(context, "policy");
  if (!id) return context.fail("Error determining policy ID", id.error());
  const base::Result<Reply> reply = context.api().get(path_of(*id));
  if (!reply) return context.fail(fmt::format("Error reading policy \"{}\"", *id), reply.error());
  return show(context, reply->body, policy_view);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/policies");
  if (!reply) return context.fail("Failed to retrieve the policy list", reply.error());
  if (context.flags.text("format", "pretty") == "json")
    return show(context, reply->body, policy_view);
  for (const json::Value& policy : list(reply->body))
    context.out(row_view(policy));
  return 0;
}

int run_update(Context& context) {
  // A name beside an id is a new one, which the agent refuses with what to do.
  const base::Result<std::string> id = id_of(context, "policy");
  if (!id) return context.fail("Error determining policy ID", id.error());
  const base::Result<Reply> old = context.api().get(path_of(*id));
  if (!old) return context.fail("Error when retrieving current policy", old.error());
  json::Object policy{{"Name", text(old->body, "Name")},
                      {"Description", text(old->body, "Description")},
                      {"Rules", text(old->body, "Rules")}};
  if (context.flags.given("name")) policy["Name"] = context.flags.text("name");
  if (context.flags.given("description")) policy["Description"] = context.flags.text("description");
  if (context.flags.given("rules")) {
    const base::Result<std::string> rules = data_of(context.flags.text("rules"));
    if (!rules) return context.fail("Error loading rules", rules.error());
    policy["Rules"] = *rules;
  }
  const base::Result<Reply> reply = context.api().send("PUT", path_of(*id), policy);
  if (!reply) return context.fail(fmt::format("Error updating policy \"{}\"", *id), reply.error());
  return show(context, reply->body, policy_view);
}

int run_delete(Context& context) {
  const base::Result<std::string> id = id_of(context, "policy");
  if (!id) return context.fail("Error determining policy ID", id.error());
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(*id), nullptr);
  if (!reply) return context.fail(fmt::format("Error deleting policy \"{}\"", *id), reply.error());
  context.out(fmt::format("Policy \"{}\" deleted successfully", *id));
  return 0;
}

const FlagSpec id_flag = {"id", "id", "The id of the policy."},
               name_flag = {"name", "name", "The name of the policy."},
               description_flag = {"description", "text", "What it is for."},
               rules_flag = {"rules", "rules",
                             "What it says: the text, @file, or - for standard input."};

}  // namespace

Command acl_policy_create_command() {
  return {.name = "acl policy create",
          .synopsis = "Write a policy",
          .usage = "-name NAME [options]",
          .help = "Writes a policy: rules that tokens may have.",
          .flags = {name_flag, description_flag, rules_flag, format_flag},
          .takes = "no arguments",
          .run = run_create};
}
Command acl_policy_read_command() {
  return {.name = "acl policy read",
          .synopsis = "Show a policy",
          .usage = "[-id ID] [-name NAME]",
          .help = "Shows a policy with its rules.",
          .flags = {id_flag, name_flag, format_flag},
          .takes = "no arguments",
          .run = run_read};
}
Command acl_policy_list_command() {
  return {.name = "acl policy list",
          .synopsis = "List the policies",
          .usage = "[options]",
          .help = "Lists all policies.",
          .flags = {format_flag},
          .takes = "no arguments",
          .run = run_list};
}
Command acl_policy_update_command() {
  return {.name = "acl policy update",
          .synopsis = "Change a policy",
          .usage = "[-id ID] [-name NAME] [options]",
          .help = "Changes what is given; the rest stays as it is.",
          .flags = {id_flag, name_flag, description_flag, rules_flag, format_flag},
          .takes = "no arguments",
          .run = run_update};
}
Command acl_policy_delete_command() {
  return {.name = "acl policy delete",
          .synopsis = "Take a policy away",
          .usage = "[-id ID] [-name NAME]",
          .help = "Takes a policy away; tokens that have it lose what it grants.",
          .flags = {id_flag, name_flag},
          .takes = "no arguments",
          .run = run_delete};
}

}  // namespace caravan::cli::consul
