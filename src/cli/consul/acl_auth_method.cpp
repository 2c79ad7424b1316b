// SPDX-License-Identifier: Apache-2.0
// acl auth-method create, read, list, update, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/acl_view.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "json/reader.hpp"

namespace caravan::cli::consul {
namespace {

std::string method_path(Context& context) {
  return "/v1/acl/auth-method/" + base::percent_encode(context.flags.text("name"));
}

std::string method_view(const json::Value& method) {
  return fmt::format("Name:           {}\nType:           {}\nMaxTokenTTL:    {}\nTokenLocality:  "
                     "{}\nConfig:\n{}\n",
                     text(method, "Name"), text(method, "Type"), text(method, "MaxTokenTTL"),
                     text(method, "TokenLocality"), pretty_json(method.at("Config")));
}

std::string method_row(const json::Value& method) {
  return fmt::format("{}:\n   Type:         {}", text(method, "Name"), text(method, "Type"));
}

int no_name(Context& context) { return context.wrong_use("Must specify the -name parameter"); }

/// The body of a write; what the flags do not say is left out.
base::Result<json::Object> method_of(Context& context) {
  json::Object method{{"Name", context.flags.text("name")}};
  for (const auto& [flag, member] : {std::pair("type", "Type"), std::pair("max-token-ttl", "MaxTokenTTL"),
                                     std::pair("token-locality", "TokenLocality"),
                                     std::pair("description", "Description"),
                                     std::pair("display-name", "DisplayName")})
    if (const std::string given = context.flags.text(flag); !given.empty()) method[member] = given;
  if (const std::string given = context.flags.text("config"); !given.empty()) {
    TRY(const std::string text, data_of(given));
    TRY(method["Config"], json::parse(text));
  }
  return method;
}

int run_create(Context& context) {
  if (context.flags.text("name").empty()) return no_name(context);
  const base::Result<json::Object> method = method_of(context);
  if (!method) return context.fail("Error loading configuration file", method.error());
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/acl/auth-method", *method);
  if (!reply) return context.fail("Failed to create new auth method", reply.error());
  return show(context, reply->body, method_view);
}

int run_read(Context& context) {
  if (context.flags.text("name").empty()) return no_name(context);
  const base::Result<Reply> reply = context.api().get(method_path(context));
  if (!reply)
    return context.fail(
        fmt::format("Error reading auth method \"{}\"", context.flags.text("name")), reply.error());
  return show(context, reply->body, method_view);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/auth-methods");
  if (!reply) return context.fail("Failed to retrieve the auth method list", reply.error());
  return show_all(context, reply->body, method_row);
}

/// What is not given stays as it is.
int run_update(Context& context) {
  if (context.flags.text("name").empty()) return no_name(context);
  const base::Result<Reply> old = context.api().get(method_path(context));
  if (!old) return context.fail("Error when retrieving current auth method", old.error());
  base::Result<json::Object> method = method_of(context);
  if (!method) return context.fail("Error loading configuration file", method.error());
  for (const char* member : {"Type", "MaxTokenTTL", "TokenLocality", "Config"})
    if (!method->find(member)) (*method)[member] = old->body.at(member);
  const base::Result<Reply> reply = context.api().send("PUT", method_path(context), *method);
  if (!reply)
    return context.fail(
        fmt::format("Error updating auth method \"{}\"", context.flags.text("name")), reply.error());
  return show(context, reply->body, method_view);
}

int run_delete(Context& context) {
  const std::string name = context.flags.text("name");
  if (name.empty()) return no_name(context);
  const base::Result<Reply> reply = context.api().send("DELETE", method_path(context), nullptr);
  if (!reply)
    return context.fail(fmt::format("Error deleting auth method \"{}\"", name), reply.error());
  context.out(fmt::format("Auth-method \"{}\" deleted successfully", name));
  return 0;
}

const FlagSpec method_name_flag = {"name", "name", "The name of the auth method."},
               type_flag = {"type", "jwt", "Of what kind it is. Only jwt is built."},
               method_config_flag = {"config", "data",
                                     "Its configuration as JSON: the text, @file, or - for "
                                     "standard input."},
               ttl_flag = {"max-token-ttl", "duration", "How long a token of a login lives."},
               locality_flag = {"token-locality", "local|global", "Where such a token counts."},
               method_description_flag = {"description", "text", "Not kept yet: refused."},
               display_name_flag = {"display-name", "text", "Not kept yet: refused."};
const std::vector<FlagSpec> write_flags = {
    method_name_flag,        type_flag,         method_config_flag, ttl_flag, locality_flag,
    method_description_flag, display_name_flag, format_flag};

}  // namespace

Command acl_auth_method_create_command() {
  return {.name = "acl auth-method create",
          .synopsis = "Make an auth method",
          .usage = "-name NAME -type jwt -config @FILE [options]",
          .help = "Makes an auth method: whose word counts when somebody logs in.",
          .flags = write_flags,
          .takes = "no arguments",
          .run = run_create};
}
Command acl_auth_method_read_command() {
  return {.name = "acl auth-method read",
          .synopsis = "Show an auth method",
          .usage = "-name NAME",
          .help = "Shows an auth method with its configuration.",
          .flags = {method_name_flag, format_flag},
          .takes = "no arguments",
          .run = run_read};
}
Command acl_auth_method_list_command() {
  return {.name = "acl auth-method list",
          .synopsis = "List the auth methods",
          .usage = "[options]",
          .help = "Lists all auth methods.",
          .flags = {format_flag},
          .takes = "no arguments",
          .run = run_list};
}
Command acl_auth_method_update_command() {
  return {.name = "acl auth-method update",
          .synopsis = "Change an auth method",
          .usage = "-name NAME [options]",
          .help = "Changes what is given of an auth method; the rest stays.",
          .flags = write_flags,
          .takes = "no arguments",
          .run = run_update};
}
Command acl_auth_method_delete_command() {
  return {.name = "acl auth-method delete",
          .synopsis = "Delete an auth method",
          .usage = "-name NAME",
          .help = "Deletes an auth method. Tokens that it gave live on until they end.",
          .flags = {method_name_flag},
          .takes = "no arguments",
          .run = run_delete};
}

}  // namespace caravan::cli::consul
