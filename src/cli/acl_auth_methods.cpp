// SPDX-License-Identifier: Apache-2.0
// acl auth-method create, list, info, update, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/auth_view.hpp"
#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/verbs.hpp"
#include "json/reader.hpp"

namespace caravan::cli {
namespace {

std::string path_of(const std::string& name) {
  return "/v1/acl/auth-method/" + base::percent_encode(name);
}

int show(Context& context, const json::Value& method) {
  int code = 0;
  if (context.shows_data(method, code)) return code;
  context.out(auth_method_view(method));
  return 0;
}

/// The configuration as JSON, from the text itself, from "@file", or from "-". Errors: io, invalid.
base::Result<json::Value> config_in(const std::string& given) {
  std::string text = given;
  const bool is_file = given.starts_with('@');
  if (given == "-" || is_file) {
    TRY(text, read_text(is_file ? given.substr(1) : given));
  }
  TRY(json::Value config, json::parse(text));
  if (!config.as_object()) return base::invalid("-config: not a JSON object");
  return config;
}

/// What the flags name, and nothing else: the rest keeps its value, or gets its default.
base::Result<json::Object> named(const Flags& flags) {
  json::Object method;
  for (const auto& [flag, member] :
       {std::pair("type", "Type"), std::pair("token-locality", "TokenLocality"),
        std::pair("token-name-format", "TokenNameFormat"),
        std::pair("max-token-ttl", "MaxTokenTTL")})
    if (flags.given(flag)) method[member] = flags.text(flag);
  if (flags.given("default")) method["Default"] = flags.on("default");
  if (flags.given("config")) {
    TRY(method["Config"], config_in(flags.text("config")));
  }
  return method;
}

int run_create(Context& context) {
  for (const char* flag : {"name", "type", "token-locality", "max-token-ttl", "config"})
    if (!context.flags.given(flag)) return context.wrong_use(fmt::format("-{} is needed", flag));
  base::Result<json::Object> method = named(context.flags);
  if (!method) return context.fail("Error reading the auth method", method.error());
  (*method)["Name"] = context.flags.text("name");
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/acl/auth-method", *method);
  if (!reply) return context.fail("Error creating new auth method", reply.error());
  return show(context, reply->body);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/auth-methods");
  if (!reply) return context.fail("Error listing ACL auth methods", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"Name", "Type", "Default"}};
  for (const json::Value& method : list(reply->body))
    rows.push_back(
        {text(method, "Name"), text(method, "Type"), yes_no(boolean(method, "Default"))});
  context.out(rows.size() == 1 ? "No ACL auth methods found" : table(rows));
  return 0;
}

int run_info(Context& context) {
  const base::Result<Reply> reply = context.api().get(path_of(context.words[0]));
  if (!reply) return context.fail("Error reading ACL auth method", reply.error());
  return show(context, reply->body);
}

int run_update(Context& context) {
  const base::Result<json::Object> method = named(context.flags);
  if (!method) return context.fail("Error reading the auth method", method.error());
  if (method->empty()) return context.wrong_use("name at least one thing to change");
  const base::Result<Reply> reply = context.api().send("PUT", path_of(context.words[0]), *method);
  if (!reply) return context.fail("Error updating ACL auth method", reply.error());
  return show(context, reply->body);
}

int run_delete(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(name), nullptr);
  if (!reply) return context.fail("Error deleting ACL auth method", reply.error());
  context.out(fmt::format("ACL auth method {} successfully deleted", name));
  return 0;
}

std::vector<FlagSpec> data_flags(std::vector<FlagSpec> others = {}) {
  others.push_back({"json", "", "The answer as JSON."});
  others.push_back({"t", "template", "The answer through a Go template."});
  return others;
}

std::vector<FlagSpec> method_flags(std::vector<FlagSpec> others = {}) {
  for (FlagSpec& flag : std::vector<FlagSpec>{
           {"type", "type", "OIDC or JWT."},
           {"max-token-ttl", "duration", "How long the tokens live that the method gives."},
           {"token-locality", "locality", "local or global: of these tokens."},
           {"token-name-format", "text", "How they are named; ${value.x} is filled in."},
           {"default", "", "It is the one of its type that is meant where none is named."},
           {"config", "json", "Its configuration: JSON, @file, or - for standard input."}})
    others.push_back(std::move(flag));
  return data_flags(std::move(others));
}

Command of_method(std::string verb, std::string synopsis, std::string help,
                  std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = "acl auth-method " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <auth method name>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <auth method name>",
          .run = run};
}

}  // namespace

Command acl_auth_method_create_command() {
  return {.name = "acl auth-method create",
          .synopsis = "Believe an identity provider",
          .usage = "[options]",
          .help =
              "Makes an auth method: an identity provider whose tokens are exchanged for\n"
              "tokens of the cluster. What these may do is up to binding rules.",
          .flags = method_flags({{"name", "text", "The name, which no other method may have."}}),
          .takes = "no arguments",
          .run = run_create};
}

Command acl_auth_method_list_command() {
  return {.name = "acl auth-method list",
          .synopsis = "List the auth methods",
          .usage = "[options]",
          .help = "Lists the ways to log in. It takes no token.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command acl_auth_method_info_command() {
  return of_method("info", "Display an auth method",
                   "Shows an auth method and its configuration, without its client secret.",
                   data_flags(), run_info);
}

Command acl_auth_method_update_command() {
  return of_method("update", "Change an auth method", "Changes what is named.", method_flags(),
                   run_update);
}

Command acl_auth_method_delete_command() {
  return of_method("delete", "Delete an auth method",
                   "Deletes an auth method. Tokens that it gave live until they end.", {},
                   run_delete);
}

}  // namespace caravan::cli
