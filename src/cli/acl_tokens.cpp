// SPDX-License-Identifier: Apache-2.0
// acl bootstrap, acl token create, list, info, self, update, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/acl_view.hpp"
#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string path_of(const std::string& accessor) {
  return "/v1/acl/token/" + base::percent_encode(accessor);
}

int show(Context& context, const json::Value& token) {
  int code = 0;
  if (context.shows_data(token, code)) return code;
  context.out(acl_token_view(token));
  return 0;
}

int run_bootstrap(Context& context) {
  json::Value body;
  if (!context.words.empty()) {
    const base::Result<std::string> secret = read_text(context.words[0]);
    if (!secret) return context.fail("Error reading the bootstrap token", secret.error());
    body = json::Object{{"BootstrapSecret", std::string(base::trim(*secret))}};
  }
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/acl/bootstrap", body);
  if (!reply) return context.fail("Error bootstrapping", reply.error());
  return show(context, reply->body);
}

json::Array role_links(const Flags& flags) {
  json::Array roles;
  for (const std::string& id : flags.all("role-id"))
    roles.push_back(json::Object{{"ID", id}});
  for (const std::string& name : flags.all("role-name"))
    roles.push_back(json::Object{{"Name", name}});
  return roles;
}

json::Array texts_of(const Flags& flags, const char* name) {
  const std::vector<std::string> all = flags.all(name);
  return json::Array(all.begin(), all.end());
}

int run_create(Context& context) {
  json::Object token{{"Name", context.flags.text("name")},
                     {"Type", context.flags.text("type", "client")},
                     {"Policies", texts_of(context.flags, "policy")},
                     {"Roles", role_links(context.flags)},
                     {"Global", context.flags.on("global")}};
  if (context.flags.given("ttl")) token["ExpirationTTL"] = context.flags.text("ttl");
  if (context.flags.given("accessor") != !context.words.empty())
    return context.wrong_use("-accessor and a file with the secret come together");
  if (context.flags.given("accessor")) {
    const base::Result<std::string> secret = read_text(context.words[0]);
    if (!secret) return context.fail("Error reading the token", secret.error());
    token["AccessorID"] = context.flags.text("accessor");
    token["SecretID"] = std::string(base::trim(*secret));
  }
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/acl/token", token);
  if (!reply) return context.fail("Error creating token", reply.error());
  return show(context, reply->body);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/tokens");
  if (!reply) return context.fail("Error retrieving tokens", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"Name", "Type", "Global", "Accessor ID", "Expired"}};
  for (const json::Value& token : list(reply->body)) {
    const auto ends = base::parse_rfc3339(text(token, "ExpirationTime"));
    rows.push_back({text(token, "Name"), text(token, "Type"), yes_no(boolean(token, "Global")),
                    text(token, "AccessorID"), yes_no(ends && ends->unix_ns <= now_ns())});
  }
  context.out(rows.size() == 1 ? "No tokens found" : table(rows));
  return 0;
}

int run_info(Context& context) {
  const base::Result<Reply> reply = context.api().get(path_of(context.words[0]));
  if (!reply) return context.fail("Error fetching token", reply.error());
  return show(context, reply->body);
}

int run_self(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/token/self");
  if (!reply) return context.fail("Error fetching self token", reply.error());
  return show(context, reply->body);
}

int run_update(Context& context) {
  const std::string path = path_of(context.words[0]);
  const base::Result<Reply> old = context.api().get(path);
  if (!old) return context.fail("Error fetching token", old.error());
  json::Value token = old->body;
  if (!token.as_object()) return context.fail("Error fetching token: the answer is no token");
  json::Object& changed = *token.as_object();
  if (context.flags.given("name")) changed["Name"] = context.flags.text("name");
  if (context.flags.given("type")) changed["Type"] = context.flags.text("type");
  if (context.flags.given("global")) changed["Global"] = context.flags.on("global");
  if (context.flags.given("policy")) changed["Policies"] = texts_of(context.flags, "policy");
  if (context.flags.given("role-id") || context.flags.given("role-name"))
    changed["Roles"] = role_links(context.flags);
  const base::Result<Reply> reply = context.api().send("PUT", path, token);
  if (!reply) return context.fail("Error updating token", reply.error());
  return show(context, reply->body);
}

int run_delete(Context& context) {
  const std::string& accessor = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(accessor), nullptr);
  if (!reply) return context.fail("Error deleting token", reply.error());
  context.out(fmt::format("Token {} successfully deleted", accessor));
  return 0;
}

std::vector<FlagSpec> data_flags(std::vector<FlagSpec> others = {}) {
  others.push_back({"json", "", "The answer as JSON."});
  others.push_back({"t", "template", "The answer through a Go template."});
  return others;
}

std::vector<FlagSpec> token_flags() {
  return data_flags({{"name", "text", "A name for people."},
                     {"type", "kind", "client, or management, which may do all."},
                     {"global", "", "For all regions."},
                     {"policy", "name", "A policy of the token; may be repeated."},
                     {"role-id", "id", "A role of the token; may be repeated."},
                     {"role-name", "name", "The same, by its name."}});
}

Command of_token(std::string verb, std::string synopsis, std::string help,
                 std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = "acl token " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <accessor id>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <accessor id>",
          .run = run};
}

}  // namespace

Command acl_bootstrap_command() {
  return {.name = "acl bootstrap",
          .synopsis = "Make the first token of the cluster",
          .usage = "[options] [<file>]",
          .help =
              "Makes a management token, once in the life of the cluster. A file, or \"-\" for\n"
              "standard input, may bring a secret of your own, which has to be a UUID.",
          .flags = data_flags(),
          .words_max = 1,
          .takes = "at most one argument: <file>",
          .run = run_bootstrap};
}

Command acl_token_create_command() {
  std::vector<FlagSpec> flags = token_flags();
  flags.push_back({"ttl", "duration", "How long the token is good for; without it, for ever."});
  flags.push_back({"accessor", "id", "The accessor of a token whose secret is in the file."});
  return {.name = "acl token create",
          .synopsis = "Make a token",
          .usage = "[options] [<file>]",
          .help = "Makes a token with the policies and roles that are named.",
          .flags = std::move(flags),
          .words_max = 1,
          .takes = "at most one argument: <file>",
          .run = run_create};
}

Command acl_token_list_command() {
  return {.name = "acl token list",
          .synopsis = "List the tokens",
          .usage = "[options]",
          .help = "Lists all tokens, without their secrets.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command acl_token_self_command() {
  return {.name = "acl token self",
          .synopsis = "Display the token that is used",
          .usage = "[options]",
          .help = "Shows the token of NOMAD_TOKEN or -token.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_self};
}

Command acl_token_info_command() {
  return of_token("info", "Display a token", "Shows a token with its secret.", data_flags(),
                  run_info);
}

Command acl_token_update_command() {
  return of_token("update", "Change a token",
                  "Changes what is named; policies and roles are replaced as a whole.",
                  token_flags(), run_update);
}

Command acl_token_delete_command() {
  return of_token("delete", "Delete a token", "Deletes a token; it is refused from then on.", {},
                  run_delete);
}

}  // namespace caravan::cli
