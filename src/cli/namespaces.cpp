// SPDX-License-Identifier: Apache-2.0
// namespace list, status, inspect, apply, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/spec_file.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

const std::vector<SpecKey> keys = {
    {"name", "Name", false, {}},
    {"description", "Description", false, {}},
    {"quota", "Quota", false, {}},
    {"meta", "Meta", true, {}},
    {"capabilities",
     "Capabilities",
     true,
     {{"enabled_task_drivers", "EnabledTaskDrivers", false, {}},
      {"disabled_task_drivers", "DisabledTaskDrivers", false, {}},
      {"enabled_network_modes", "EnabledNetworkModes", false, {}},
      {"disabled_network_modes", "DisabledNetworkModes", false, {}}}},
    {"node_pool_config",
     "NodePoolConfiguration",
     true,
     {{"default", "Default", false, {}},
      {"allowed", "Allowed", false, {}},
      {"denied", "Denied", false, {}}}}};

std::string path_of(const std::string& name) {
  return "/v1/namespace/" + base::percent_encode(name);
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/namespaces");
  if (!reply) return context.fail("Error retrieving namespaces", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"Name", "Description"}};
  for (const json::Value& space : list(reply->body))
    rows.push_back({text(space, "Name"), text(space, "Description")});
  context.out(table(rows));
  return 0;
}

std::string joined(const json::Value& object, const char* name) {
  return base::join(texts(object.at(name)), ",");
}

int run_status(Context& context) {
  const base::Result<Reply> reply = context.api().get(path_of(context.words[0]));
  if (!reply) return context.fail("Error retrieving namespace", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const json::Value& space = reply->body;
  const std::string quota = text(space, "Quota");
  Pairs pairs = {{"Name", text(space, "Name")},
                 {"Description", text(space, "Description")},
                 {"Quota", quota.empty() ? "<none>" : quota}};
  if (const json::Value& may = space.at("Capabilities"); may.as_object()) {
    pairs.emplace_back("EnabledDrivers", joined(may, "EnabledTaskDrivers"));
    pairs.emplace_back("DisabledDrivers", joined(may, "DisabledTaskDrivers"));
    pairs.emplace_back("EnabledNetworkModes", joined(may, "EnabledNetworkModes"));
    pairs.emplace_back("DisabledNetworkModes", joined(may, "DisabledNetworkModes"));
  }
  context.out(key_values(pairs));
  if (const json::Value& pools = space.at("NodePoolConfiguration"); pools.as_object())
    context.out("\nNode Pool Configuration\n" + key_values({{"Default", text(pools, "Default")},
                                                            {"Allowed", joined(pools, "Allowed")},
                                                            {"Denied", joined(pools, "Denied")}}));
  return 0;
}

int run_inspect(Context& context) {
  const base::Result<Reply> reply = context.api().get(path_of(context.words[0]));
  if (!reply) return context.fail("Error retrieving namespace", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  context.out(pretty_json(reply->body));
  return 0;
}

/// The word is a file when it is called like one, else the namespace itself.
base::Result<json::Object> wanted(Context& context) {
  const std::string& word = context.words[0];
  if (word == "-" || word.ends_with(".hcl") || word.ends_with(".json"))
    return read_spec(word, "", keys);
  json::Object space = {{"Name", word}};
  // What is not named stays as it is.
  const base::Result<Reply> known = context.api().get(path_of(word));
  if (known && known->body.as_object()) space = *known->body.as_object();
  return space;
}

int run_apply(Context& context) {
  base::Result<json::Object> space = wanted(context);
  if (!space) return context.fail("Error reading the namespace's file", space.error());
  for (const auto& [flag, member] :
       {std::pair("description", "Description"), std::pair("quota", "Quota")})
    if (context.flags.given(flag)) (*space)[member] = context.flags.text(flag);
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/namespace", *space);
  if (!reply) return context.fail("Error applying namespace", reply.error());
  context.out(fmt::format("Successfully applied namespace \"{}\"!", text(*space, "Name")));
  return 0;
}

int run_delete(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(name), nullptr);
  if (!reply) return context.fail("Error deleting namespace", reply.error());
  context.out(fmt::format("Successfully deleted namespace \"{}\"!", name));
  return 0;
}

const std::vector<FlagSpec>& data_flags() {
  static const std::vector<FlagSpec> flags = {
      {"json", "", "The answer as JSON."}, {"t", "template", "The answer through a Go template."}};
  return flags;
}

Command of_namespace(std::string verb, std::string synopsis, std::string help,
                     std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = "namespace " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <namespace>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <namespace>",
          .run = run};
}

}  // namespace

Command namespace_list_command() {
  return {.name = "namespace list",
          .synopsis = "List the namespaces",
          .usage = "[options]",
          .help = "Lists the namespaces; \"default\" is always there.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command namespace_status_command() {
  return of_namespace("status", "Display a namespace", "Shows what jobs of the namespace may use.",
                      data_flags(), run_status);
}

Command namespace_inspect_command() {
  return of_namespace("inspect", "Display a namespace as the API has it",
                      "Prints the namespace as JSON.",
                      {{"t", "template", "The answer through a Go template."}}, run_inspect);
}

Command namespace_apply_command() {
  return of_namespace(
      "apply", "Make or change a namespace",
      "Makes the namespace, or changes what the flags name. The argument may also\n"
      "be a file that describes it, called *.hcl or *.json, or \"-\" for\n"
      "standard input.",
      {{"description", "text", "What it is for."},
       {"quota", "name", "The quota that its allocations count against; \"\" for none."},
       {"json", "", "The file is JSON; it is recognised without, too."}},
      run_apply);
}

Command namespace_delete_command() {
  return of_namespace("delete", "Delete a namespace",
                      "Deletes a namespace in which no job stands any more.", {}, run_delete);
}

}  // namespace caravan::cli
