// SPDX-License-Identifier: Apache-2.0
// acl role create, read, list, update, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/acl_view.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

std::string path_of(const std::string& id) { return "/v1/acl/role/" + base::percent_encode(id); }

std::string row_view(const json::Value& role) {
  std::string shown =
      fmt::format("{}:\n   ID:           {}\n   Description:  {}\n   Policies:", text(role, "Name"),
                  text(role, "ID"), text(role, "Description"));
  for (const json::Value& policy : list(role, "Policies"))
    shown += fmt::format("\n      {} - {}", text(policy, "ID"), text(policy, "Name"));
  return shown;
}

int run_create(Context& context) {
  if (context.flags.text("name").empty()) return context.wrong_use("Missing require '-name' flag");
  const base::Result<Reply> reply = context.api().send(
      "PUT", "/v1/acl/role",
      json::Object{{"Name", context.flags.text("name")},
                   {"Description", context.flags.text("description")},
                   {"Policies", links(context.flags, "policy-id", "policy-name")},
                   {"ServiceIdentities", service_identities(context.flags)},
                   {"NodeIdentities", node_identities(context.flags)}});
  if (!reply) return context.fail("Failed to create new role", reply.error());
  return show(context, reply->body, role_view);
}

int run_read(Context& context) {
  const base::Result<std::string> id = id_of(context, "role");
  if (!id) return context.fail("Error determining role ID", id.error());
  const base::Result<Reply> reply = context.api().get(path_of(*id));
  if (!reply) return context.fail(fmt::format("Error reading role \"{}\"", *id), reply.error());
  return show(context, reply->body, role_view);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/roles");
  if (!reply) return context.fail("Failed to retrieve the role list", reply.error());
  if (context.flags.text("format", "pretty") == "json")
    return show(context, reply->body, role_view);
  for (const json::Value& role : list(reply->body))
    context.out(row_view(role));
  return 0;
}

/// Policies that are given come to those it has, unless it is to have no others.
int run_update(Context& context) {
  const base::Result<std::string> id = id_of(context, "role");
  if (!id) return context.fail("Error determining role ID", id.error());
  const base::Result<Reply> old = context.api().get(path_of(*id));
  if (!old) return context.fail("Error when retrieving current role", old.error());
  const auto merged = [&](const char* name, json::Array given) {
    if (!context.flags.on("no-merge"))
      for (const json::Value& each : list(old->body, name))
        given.push_back(each);
    return given;
  };
  json::Object role{
      {"Name", context.flags.text("name", text(old->body, "Name"))},
      {"Description", context.flags.text("description", text(old->body, "Description"))},
      {"Policies", merged("Policies", links(context.flags, "policy-id", "policy-name"))},
      {"ServiceIdentities", merged("ServiceIdentities", service_identities(context.flags))},
      {"NodeIdentities", merged("NodeIdentities", node_identities(context.flags))}};
  const base::Result<Reply> reply = context.api().send("PUT", path_of(*id), role);
  if (!reply) return context.fail(fmt::format("Error updating role \"{}\"", *id), reply.error());
  return show(context, reply->body, role_view);
}

int run_delete(Context& context) {
  const base::Result<std::string> id = id_of(context, "role");
  if (!id) return context.fail("Error determining role ID", id.error());
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(*id), nullptr);
  if (!reply) return context.fail(fmt::format("Error deleting role \"{}\"", *id), reply.error());
  context.out(fmt::format("Role \"{}\" deleted successfully", *id));
  return 0;
}

const FlagSpec id_flag = {"id", "id", "The id of the role."},
               name_flag = {"name", "name", "The name of the role."},
               description_flag = {"description", "text", "What it is for."},
               policy_id_flag = {"policy-id", "id", "A policy it has. May be repeated."},
               policy_name_flag = {"policy-name", "name", "The same by name."};

}  // namespace

Command acl_role_create_command() {
  return {.name = "acl role create",
          .synopsis = "Make a role",
          .usage = "-name NAME [options]",
          .help = "Makes a role: policies that tokens share.",
          .flags = {name_flag, description_flag, policy_id_flag, policy_name_flag,
                    service_identity_flag, node_identity_flag, format_flag},
          .takes = "no arguments",
          .run = run_create};
}
Command acl_role_read_command() {
  return {.name = "acl role read",
          .synopsis = "Show a role",
          .usage = "[-id ID] [-name NAME]",
          .help = "Shows a role with its policies.",
          .flags = {id_flag, name_flag, format_flag},
          .takes = "no arguments",
          .run = run_read};
}
Command acl_role_list_command() {
  return {.name = "acl role list",
          .synopsis = "List the roles",
          .usage = "[options]",
          .help = "Lists all roles.",
          .flags = {format_flag},
          .takes = "no arguments",
          .run = run_list};
}
Command acl_role_update_command() {
  return {.name = "acl role update",
          .synopsis = "Change a role",
          .usage = "[-id ID] [-name NAME] [options]",
          .help = "Changes what is given; policies come to those it has.",
          .flags = {id_flag,
                    name_flag,
                    description_flag,
                    policy_id_flag,
                    policy_name_flag,
                    service_identity_flag,
                    node_identity_flag,
                    {"no-merge", "", "It has the policies that are given, and no others."},
                    format_flag},
          .takes = "no arguments",
          .run = run_update};
}
Command acl_role_delete_command() {
  return {.name = "acl role delete",
          .synopsis = "Take a role away",
          .usage = "[-id ID] [-name NAME]",
          .help = "Takes a role away; tokens that have it lose what it grants.",
          .flags = {id_flag, name_flag},
          .takes = "no arguments",
          .run = run_delete};
}

}  // namespace caravan::cli::consul
