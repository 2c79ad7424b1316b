// SPDX-License-Identifier: Apache-2.0
// kv get: a value, or what is under a prefix.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

std::string shown_value(const Context& context, const json::Value& entry) {
  if (context.flags.on("base64")) return text(entry, "Value");
  return value_of(entry).value_or("");
}

std::string number(const json::Value& entry, std::string_view name) {
  return fmt::format("{}", entry.at(name).as_unsigned().value_or(0));
}

std::string detailed(const Context& context, const json::Value& entry) {
  const std::string session = text(entry, "Session");
  std::string out;
  for (const auto& [name, value] :
       {std::pair("CreateIndex", number(entry, "CreateIndex")),
        std::pair("Flags", number(entry, "Flags")), std::pair("Key", text(entry, "Key")),
        std::pair("LockIndex", number(entry, "LockIndex")),
        std::pair("ModifyIndex", number(entry, "ModifyIndex")),
        std::pair("Session", session.empty() ? "-" : session),
        std::pair("Value", shown_value(context, entry))})
    out += fmt::format("{:<17}{}\n", name, value);
  return out;
}

/// Nothing under a prefix is an empty list; a key that is not there is an error.
base::Result<Reply> fetch(Context& context, const std::string& key, Params params, bool is_list) {
  base::Result<Reply> reply = context.api().get(kv_path(key), std::move(params));
  if (reply || reply.error().code != base::Code::not_found) return reply;
  if (is_list) return Reply{json::Array(), "[]", 0};
  return base::fail(base::Code::not_found, "No key exists at: " + key);
}

int run(Context& context) {
  const bool keys = context.flags.on("keys"), recurse = context.flags.on("recurse");
  const std::string key = context.words.empty() ? "" : context.words[0];
  if (key.empty() && !keys && !recurse) return context.wrong_use("Error! Missing KEY argument");
  Params params;
  if (keys) {
    params = {{"keys", ""}};
    const std::string separator = context.flags.text("separator", "/");
    if (!separator.empty()) params.emplace_back("separator", separator);
  } else if (recurse) {
    params = {{"recurse", ""}};
  }
  const base::Result<Reply> reply = fetch(context, key, std::move(params), keys || recurse);
  if (!reply && reply.error().code == base::Code::not_found)
    return context.fail("Error! " + reply.error().message);
  if (!reply) return context.fail("Error querying Consul agent", reply.error());
  bool is_first = true;
  for (const json::Value& entry : list(reply->body)) {
    if (keys)
      context.out(entry.as_string() ? *entry.as_string() : "");
    else if (context.flags.on("detailed"))
      context.raw((is_first ? "" : "\n") + detailed(context, entry));
    else if (recurse)
      context.out(text(entry, "Key") + ":" + shown_value(context, entry));
    else
      context.out(shown_value(context, entry));
    is_first = false;
  }
  return 0;
}

}  // namespace

Command kv_get_command() {
  return {.name = "kv get",
          .synopsis = "Retrieve or list data of the key-value store",
          .usage = "[options] [key or prefix]",
          .help = "Prints the value of a key, or what is known of all keys under a prefix.",
          .flags = {{"base64", "", "Print values in base64, as they travel."},
                    {"detailed", "", "Print the indexes, the flags and the session, too."},
                    {"keys", "", "Print the names of keys under the prefix."},
                    {"recurse", "", "Print all keys under the prefix with their values."},
                    {"separator", "text",
                     "With -keys: what follows it behind the prefix is folded. Default = /"}},
          .words_max = 1,
          .takes = "at most one argument: <key or prefix>",
          .run = run};
}

}  // namespace caravan::cli::consul
