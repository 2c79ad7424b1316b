// SPDX-License-Identifier: Apache-2.0
// acl binding-rule create, list, info, update, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/auth_view.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string path_of(const std::string& id) {
  return "/v1/acl/binding-rule/" + base::percent_encode(id);
}

int show(Context& context, const json::Value& rule) {
  int code = 0;
  if (context.shows_data(rule, code)) return code;
  context.out(binding_rule_view(rule));
  return 0;
}

json::Object named(const Flags& flags) {
  json::Object rule;
  for (const auto& [flag, member] :
       {std::pair("description", "Description"), std::pair("auth-method", "AuthMethod"),
        std::pair("selector", "Selector"), std::pair("bind-type", "BindType"),
        std::pair("bind-name", "BindName")})
    if (flags.given(flag)) rule[member] = flags.text(flag);
  return rule;
}

int run_create(Context& context) {
  for (const char* flag : {"auth-method", "bind-type"})
    if (!context.flags.given(flag)) return context.wrong_use(fmt::format("-{} is needed", flag));
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/acl/binding-rule", named(context.flags));
  if (!reply) return context.fail("Error creating ACL binding rule", reply.error());
  return show(context, reply->body);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/acl/binding-rules");
  if (!reply) return context.fail("Error listing ACL binding rules", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"ID", "Description", "Auth Method"}};
  for (const json::Value& rule : list(reply->body))
    rows.push_back({text(rule, "ID"), text(rule, "Description"), text(rule, "AuthMethod")});
  context.out(rows.size() == 1 ? "No ACL binding rules found" : table(rows));
  return 0;
}

int run_info(Context& context) {
  const base::Result<Reply> reply = context.api().get(path_of(context.words[0]));
  if (!reply) return context.fail("Error reading ACL binding rule", reply.error());
  return show(context, reply->body);
}

int run_update(Context& context) {
  const json::Object rule = named(context.flags);
  if (rule.empty()) return context.wrong_use("name at least one thing to change");
  const base::Result<Reply> reply = context.api().send("PUT", path_of(context.words[0]), rule);
  if (!reply) return context.fail("Error updating ACL binding rule", reply.error());
  return show(context, reply->body);
}

int run_delete(Context& context) {
  const std::string& id = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(id), nullptr);
  if (!reply) return context.fail("Error deleting ACL binding rule", reply.error());
  context.out(fmt::format("ACL binding rule {} successfully deleted", id));
  return 0;
}

std::vector<FlagSpec> data_flags(std::vector<FlagSpec> others = {}) {
  others.push_back({"json", "", "The answer as JSON."});
  others.push_back({"t", "template", "The answer through a Go template."});
  return others;
}

std::vector<FlagSpec> rule_flags(std::vector<FlagSpec> others = {}) {
  others.push_back({"description", "text", "What the rule is for."});
  others.push_back({"selector", "filter", "Of whom it holds: a filter over value.x and list.x."});
  others.push_back({"bind-type", "type", "role, policy or management."});
  others.push_back({"bind-name", "name", "Of the role or policy; ${value.x} is filled in."});
  return data_flags(std::move(others));
}

Command of_rule(std::string verb, std::string synopsis, std::string help,
                std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = "acl binding-rule " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <binding rule id>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <binding rule id>",
          .run = run};
}

}  // namespace

Command acl_binding_rule_create_command() {
  return {.name = "acl binding-rule create",
          .synopsis = "Say what those may do who log in",
          .usage = "[options]",
          .help =
              "Makes a binding rule: those who log in by the auth method, and of whom the\n"
              "selector holds, get the role, the policy, or all rights.",
          .flags = rule_flags({{"auth-method", "name", "The auth method that the rule is for."}}),
          .takes = "no arguments",
          .run = run_create};
}

Command acl_binding_rule_list_command() {
  return {.name = "acl binding-rule list",
          .synopsis = "List the binding rules",
          .usage = "[options]",
          .help = "Lists the rules by which logins get their rights.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command acl_binding_rule_info_command() {
  return of_rule("info", "Display a binding rule", "Shows a binding rule.", data_flags(), run_info);
}

Command acl_binding_rule_update_command() {
  return of_rule("update", "Change a binding rule", "Changes what is named.", rule_flags(),
                 run_update);
}

Command acl_binding_rule_delete_command() {
  return of_rule("delete", "Delete a binding rule",
                 "Deletes a binding rule. Tokens that were given by it keep their rights.", {},
                 run_delete);
}

}  // namespace caravan::cli
