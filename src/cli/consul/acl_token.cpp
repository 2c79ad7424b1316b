// SPDX-License-Identifier: Apache-2.0
// acl token create, read, list, update, clone, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/acl_view.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

std::string path_of(const std::string& id) { return "/v1/acl/token/" + base::percent_encode(id); }

/// -accessor-id, or its older name -id; "anonymous" is one, too.
base::Result<std::string> accessor_of(const Context& context) {
  const std::string id = context.flags.text("accessor-id", context.flags.text("id"));
  if (id.empty()) return base::invalid("Must specify the -accessor-id parameter");
  return id;
}

int run_create(Context& context) {
  const Flags& flags = context.flags;
  json::Array policies = links(flags, "policy-id", "policy-name"),
              roles = links(flags, "role-id", "role-name");
  json::Array services = service_identities(flags), nodes = node_identities(flags);
  if (policies.empty() && roles.empty() && services.empty() && nodes.empty())
    return context.wrong_use(
        "Cannot create a token without specifying -policy-name, -policy-id, -role-name, -role-id, "
        "-service-identity, or -node-identity at least once");
  json::Object token{{"Description", flags.text("description")},
                     {"Local", flags.on("local")},
                     {"Policies", std::move(policies)},
                     {"Roles", std::move(roles)},
                     {"ServiceIdentities", std::move(services)},
                     {"NodeIdentities", std::move(nodes)}};
  if (flags.given("expires-ttl")) token["ExpirationTTL"] = flags.text("expires-ttl");
  if (flags.given("accessor")) token["AccessorID"] = flags.text("accessor");
  if (flags.given("secret")) token["SecretID"] = flags.text("secret");
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/acl/token", token);
  if (!reply) return context.fail("Failed to create new token", reply.error());
  return show(context, reply->body, token_view);
}

int run_read(Context& context) {
  if (context.flags.on("self")) {
    const base::Result<Reply> reply = context.api().get("/v1/acl/token/self");
    if (!reply) return context.fail("Error reading token", reply.error());
    return show(context, reply->body, token_view);
  }
  const base::Result<std::string> id = accessor_of(context);
  if (!id) return context.wrong_use(id.error().message);
  const base::Result<Reply> reply = context.api().get(path_of(*id));
  if (!reply) return context.fail(fmt::format("Error reading token \"{}\"", *id), reply.error());
  return show(context, reply->body, token_view);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/tokens");
  if (!reply) return context.fail("Failed to retrieve the token list", reply.error());
  return show_all(context, reply->body, token_view);
}

/// Policies and roles that are given come to those it has, when told so.
int run_update(Context& context) {
  const Flags& flags = context.flags;
  const base::Result<std::string> id = accessor_of(context);
  if (!id) return context.wrong_use(id.error().message);
  const base::Result<Reply> old = context.api().get(path_of(*id));
  if (!old) return context.fail("Error when retrieving current token", old.error());
  const auto joined = [&](const char* name, json::Array given, const char* merge,
                          const char* append_id, const char* append_name) {
    for (const json::Value& each : links(flags, append_id, append_name))
      given.push_back(each);
    const bool keeps =
        given.empty() || flags.on(merge) || flags.given(append_id) || flags.given(append_name);
    if (keeps)
      for (const json::Value& each : list(old->body, name))
        given.push_back(each);
    return given;
  };
  const auto merged = [&](const char* name, json::Array given, const char* merge) {
    if (given.empty() || flags.on(merge))
      for (const json::Value& each : list(old->body, name))
        given.push_back(each);
    return given;
  };
  const json::Object token{
      {"Description", flags.text("description", text(old->body, "Description"))},
      {"Local", boolean(old->body, "Local")},
      {"Policies", joined("Policies", links(flags, "policy-id", "policy-name"), "merge-policies",
                          "append-policy-id", "append-policy-name")},
      {"Roles", joined("Roles", links(flags, "role-id", "role-name"), "merge-roles",
                       "append-role-id", "append-role-name")},
      {"ServiceIdentities", merged("ServiceIdentities", service_identities(flags),
                                   "merge-service-identities")},
      {"NodeIdentities", merged("NodeIdentities", node_identities(flags),
                                "merge-node-identities")}};
  const base::Result<Reply> reply = context.api().send("PUT", path_of(*id), token);
  if (!reply) return context.fail(fmt::format("Failed to update token {}", *id), reply.error());
  return show(context, reply->body, token_view);
}

int run_clone(Context& context) {
  const base::Result<std::string> id = accessor_of(context);
  if (!id) return context.wrong_use(id.error().message);
  json::Object body;
  if (context.flags.given("description")) body["Description"] = context.flags.text("description");
  const base::Result<Reply> reply = context.api().send("PUT", path_of(*id) + "/clone", body);
  if (!reply) return context.fail("Error cloning token", reply.error());
  return show(context, reply->body, token_view);
}

int run_delete(Context& context) {
  const base::Result<std::string> id = accessor_of(context);
  if (!id) return context.wrong_use(id.error().message);
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(*id), nullptr);
  if (!reply) return context.fail(fmt::format("Error deleting token \"{}\"", *id), reply.error());
  context.out(fmt::format("Token \"{}\" deleted successfully", *id));
  return 0;
}

const FlagSpec accessor_flag = {"accessor-id", "id", "The accessor of the token."},
               id_flag = {"id", "id", "The older name of -accessor-id."},
               description_flag = {"description", "text", "What it is for."},
               policy_id_flag = {"policy-id", "id", "A policy it has. May be repeated."},
               policy_name_flag = {"policy-name", "name", "The same by name."},
               role_id_flag = {"role-id", "id", "A role it has. May be repeated."},
               role_name_flag = {"role-name", "name", "The same by name."};

}  // namespace

Command acl_token_create_command() {
  return {.name = "acl token create",
          .synopsis = "Make a token",
          .usage = "[options]",
          .help = "Makes a token with policies and roles.",
          .flags = {description_flag,
                    policy_id_flag,
                    policy_name_flag,
                    role_id_flag,
                    role_name_flag,
                    service_identity_flag,
                    node_identity_flag,
                    {"local", "", "It is known in this datacenter only."},
                    {"expires-ttl", "duration", "After which it ends."},
                    {"accessor", "id", "The accessor it is to have."},
                    {"secret", "secret", "The secret it is to have."},
                    format_flag},
          .takes = "no arguments",
          .run = run_create};
}
Command acl_token_read_command() {
  return {.name = "acl token read",
          .synopsis = "Show a token",
          .usage = "[-accessor-id ID | -self]",
          .help = "Shows a token with its secret.",
          .flags = {accessor_flag, id_flag, {"self", "", "That of the caller."}, format_flag},
          .takes = "no arguments",
          .run = run_read};
}
Command acl_token_list_command() {
  return {.name = "acl token list",
          .synopsis = "List the tokens",
          .usage = "[options]",
          .help = "Lists all tokens.",
          .flags = {format_flag},
          .takes = "no arguments",
          .run = run_list};
}
Command acl_token_update_command() {
  return {.name = "acl token update",
          .synopsis = "Change a token",
          .usage = "-accessor-id ID [options]",
          .help = "Changes what is given. Those who show no token have the one named anonymous.",
          .flags = {accessor_flag,
                    id_flag,
                    description_flag,
                    policy_id_flag,
                    policy_name_flag,
                    role_id_flag,
                    role_name_flag,
                    {"append-policy-id", "id", "A policy besides those it has."},
                    {"append-policy-name", "name", "The same by name."},
                    {"append-role-id", "id", "A role besides those it has."},
                    {"append-role-name", "name", "The same by name."},
                    {"merge-policies", "", "Policies come to those it has."},
                    {"merge-roles", "", "Roles come to those it has."},
                    service_identity_flag,
                    node_identity_flag,
                    {"merge-service-identities", "", "Identities come to those it has."},
                    {"merge-node-identities", "", "The same of nodes."},
                    format_flag},
          .takes = "no arguments",
          .run = run_update};
}
Command acl_token_clone_command() {
  return {.name = "acl token clone",
          .synopsis = "Make a token like another",
          .usage = "-accessor-id ID [options]",
          .help = "Makes a token that may do what another may.",
          .flags = {accessor_flag, id_flag, description_flag, format_flag},
          .takes = "no arguments",
          .run = run_clone};
}
Command acl_token_delete_command() {
  return {.name = "acl token delete",
          .synopsis = "Take a token away",
          .usage = "-accessor-id ID",
          .help = "Takes a token away: nobody gets in with it any more.",
          .flags = {accessor_flag, id_flag},
          .takes = "no arguments",
          .run = run_delete};
}

}  // namespace caravan::cli::consul
