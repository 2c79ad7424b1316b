// SPDX-License-Identifier: Apache-2.0
// acl binding-rule create, read, list, update, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/acl_view.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

std::string rule_path(Context& context) {
  return "/v1/acl/binding-rule/" + base::percent_encode(context.flags.text("id"));
}

std::string rule_view(const json::Value& rule) {
  return fmt::format("ID:           {}\nAuthMethod:   {}\nDescription:  {}\nBindType:     "
                     "{}\nBindName:     {}\nSelector:     {}\n",
                     text(rule, "ID"), text(rule, "AuthMethod"), text(rule, "Description"),
                     text(rule, "BindType"), text(rule, "BindName"), text(rule, "Selector"));
}

int no_id(Context& context) { return context.wrong_use("Must specify the -id parameter"); }

/// The body of a write; what the flags do not say is that of `before`.
json::Object rule_of(Context& context, const json::Value& before) {
  json::Object rule;
  for (const auto& [flag, member] :
       {std::pair("method", "AuthMethod"), std::pair("description", "Description"),
        std::pair("bind-type", "BindType"), std::pair("bind-name", "BindName"),
        std::pair("selector", "Selector")})
    rule[member] = context.flags.text(flag, text(before, member));
  return rule;
}

int run_create(Context& context) {
  for (const char* flag : {"method", "bind-type", "bind-name"})
    if (context.flags.text(flag).empty())
      return context.wrong_use(fmt::format("Missing required '-{}' flag", flag));
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/acl/binding-rule", rule_of(context, json::Value()));
  if (!reply) return context.fail("Failed to create new binding rule", reply.error());
  return show(context, reply->body, rule_view);
}

int run_read(Context& context) {
  if (context.flags.text("id").empty()) return no_id(context);
  const base::Result<Reply> reply = context.api().get(rule_path(context));
  if (!reply)
    return context.fail(fmt::format("Error reading binding rule \"{}\"", context.flags.text("id")),
                        reply.error());
  return show(context, reply->body, rule_view);
}

int run_list(Context& context) {
  const std::string method = context.flags.text("method");
  const base::Result<Reply> reply = context.api().get(
      "/v1/acl/binding-rules" +
      (method.empty() ? std::string() : "?authmethod=" + base::percent_encode(method)));
  if (!reply) return context.fail("Failed to retrieve the binding rule list", reply.error());
  return show_all(context, reply->body, rule_view);
}

int run_update(Context& context) {
  if (context.flags.text("id").empty()) return no_id(context);
  const base::Result<Reply> old = context.api().get(rule_path(context));
  if (!old) return context.fail("Error when retrieving current binding rule", old.error());
  const base::Result<Reply> reply =
      context.api().send("PUT", rule_path(context), rule_of(context, old->body));
  if (!reply)
    return context.fail(fmt::format("Error updating binding rule \"{}\"", context.flags.text("id")),
                        reply.error());
  return show(context, reply->body, rule_view);
}

int run_delete(Context& context) {
  const std::string id = context.flags.text("id");
  if (id.empty()) return no_id(context);
  const base::Result<Reply> reply = context.api().send("DELETE", rule_path(context), nullptr);
  if (!reply)
    return context.fail(fmt::format("Error deleting binding rule \"{}\"", id), reply.error());
  context.out(fmt::format("Binding rule \"{}\" deleted successfully", id));
  return 0;
}

const FlagSpec rule_id_flag = {"id", "id", "The id of the binding rule."},
               rule_method_flag = {"method", "name", "The auth method whose logins it is for."},
               bind_type_flag = {"bind-type", "service|node|role|policy", "What it binds."},
               bind_name_flag = {"bind-name", "name", "Of that; ${value.x} is filled in."},
               selector_flag = {"selector", "expression", "Whom it is for. Default: everybody."},
               rule_description_flag = {"description", "text", "What it is for."};

}  // namespace

Command acl_binding_rule_create_command() {
  return {.name = "acl binding-rule create",
          .synopsis = "Make a binding rule",
          .usage = "-method NAME -bind-type TYPE -bind-name NAME [options]",
          .help = "Makes a binding rule: what somebody may do who logs in by a method.",
          .flags = {rule_method_flag, bind_type_flag, bind_name_flag, selector_flag,
                    rule_description_flag, format_flag},
          .takes = "no arguments",
          .run = run_create};
}
Command acl_binding_rule_read_command() {
  return {.name = "acl binding-rule read",
          .synopsis = "Show a binding rule",
          .usage = "-id ID",
          .help = "Shows a binding rule.",
          .flags = {rule_id_flag, format_flag},
          .takes = "no arguments",
          .run = run_read};
}
Command acl_binding_rule_list_command() {
  return {.name = "acl binding-rule list",
          .synopsis = "List the binding rules",
          .usage = "[-method NAME]",
          .help = "Lists all binding rules, or those of one auth method.",
          .flags = {rule_method_flag, format_flag},
          .takes = "no arguments",
          .run = run_list};
}
Command acl_binding_rule_update_command() {
  return {.name = "acl binding-rule update",
          .synopsis = "Change a binding rule",
          .usage = "-id ID [options]",
          .help = "Changes what is given of a binding rule; the rest stays.",
          .flags = {rule_id_flag, rule_method_flag, bind_type_flag, bind_name_flag, selector_flag,
                    rule_description_flag, format_flag},
          .takes = "no arguments",
          .run = run_update};
}
Command acl_binding_rule_delete_command() {
  return {.name = "acl binding-rule delete",
          .synopsis = "Delete a binding rule",
          .usage = "-id ID",
          .help = "Deletes a binding rule.",
          .flags = {rule_id_flag},
          .takes = "no arguments",
          .run = run_delete};
}

}  // namespace caravan::cli::consul
