// SPDX-License-Identifier: Apache-2.0
// config write, read, list, delete.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/free_file.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "json/writer.hpp"

namespace caravan::cli::consul {
namespace {

/// The value of a member whose name is written in any case.
std::string word(const json::Value& entry, std::string_view name) {
  if (const json::Object* object = entry.as_object())
    for (const json::Member& member : *object)
      if (base::to_lower(member.name) == name && member.value.as_string())
        return *member.value.as_string();
  return "";
}

std::string path_of(const Flags& flags) {
  return fmt::format("/v1/config/{}/{}", base::percent_encode(flags.text("kind")),
                     base::percent_encode(flags.text("name")));
}
std::string title_of(const Flags& flags) { return flags.text("kind") + "/" + flags.text("name"); }

/// What is missing of -kind and -name, "" when nothing is.
const char* missing(const Flags& flags) {
  if (flags.text("kind").empty()) return "Must specify the -kind parameter";
  return flags.text("name").empty() ? "Must specify the -name parameter" : "";
}

/// Of -cas with -modify-index. Errors: invalid.
base::Result<Params> swap_of(const Flags& flags) {
  if (!flags.on("cas")) {
    if (flags.given("modify-index"))
      return base::invalid("Cannot specify -modify-index without -cas");
    return Params();
  }
  if (!flags.given("modify-index")) return base::invalid("-cas needs -modify-index");
  TRY(const long long index, flags.number("modify-index", 0));
  return Params{{"cas", fmt::format("{}", index)}};
}

bool is_refused(const Reply& reply) {
  const bool* done = reply.body.as_bool();
  return done && !*done;
}

int run_write(Context& context) {
  const base::Result<Params> swap = swap_of(context.flags);
  if (!swap) return context.wrong_use(swap.error().message);
  const base::Result<json::Value> entry = read_free_file(context.words[0]);
  if (!entry) return context.fail("Failed to load data", entry.error());
  const std::string title = word(*entry, "kind") + "/" + word(*entry, "name");
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/config", *entry, *swap);
  if (!reply)
    return context.fail(fmt::format("Error writing config entry {}", title), reply.error());
  if (is_refused(*reply)) return context.fail("Config entry not updated: " + title);
  context.out("Config entry written: " + title);
  if (!reply->warning.empty()) context.err("Warning: " + reply->warning);
  return 0;
}

int run_read(Context& context) {
  if (const char* what = missing(context.flags); *what) return context.wrong_use(what);
  const base::Result<Reply> reply = context.api().get(path_of(context.flags));
  if (!reply)
    return context.fail(fmt::format("Error reading config entry {}", title_of(context.flags)),
                        reply.error());
  context.out(json::to_pretty(reply->body));
  return 0;
}

int run_list(Context& context) {
  const std::string kind = context.flags.text("kind");
  if (kind.empty()) return context.wrong_use("Must specify the -kind parameter");
  Params params;
  if (context.flags.given("filter")) params.emplace_back("filter", context.flags.text("filter"));
  const base::Result<Reply> reply =
      context.api().get("/v1/config/" + base::percent_encode(kind), std::move(params));
  if (!reply)
    return context.fail(fmt::format("Error listing config entries for kind \"{}\"", kind),
                        reply.error());
  for (const json::Value& entry : list(reply->body))
    context.out(text(entry, "Name"));
  return 0;
}

int run_delete(Context& context) {
  if (const char* what = missing(context.flags); *what) return context.wrong_use(what);
  const base::Result<Params> swap = swap_of(context.flags);
  if (!swap) return context.wrong_use(swap.error().message);
  const std::string title = title_of(context.flags);
  const base::Result<Reply> reply =
      context.api().send("DELETE", path_of(context.flags), nullptr, *swap);
  if (!reply)
    return context.fail(fmt::format("Error deleting config entry {}", title), reply.error());
  if (is_refused(*reply)) return context.fail("Config entry not deleted: " + title);
  context.out("Config entry deleted: " + title);
  return 0;
}

const FlagSpec kind_flag = {"kind", "kind", "The kind: service-defaults, service-intentions, …"},
               name_flag = {"name", "name", "The name of the entry."},
               cas_flag = {"cas", "", "Only if its index is that of -modify-index."},
               index_flag = {"modify-index", "index", "The index that it has to have."};

}  // namespace

Command config_write_command() {
  return {.name = "config write",
          .synopsis = "Write a configuration entry",
          .usage = "[options] <file>",
          .help = "Writes the entry in the file (HCL or JSON), or that of standard input: -.",
          .flags = {cas_flag, index_flag},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <file>",
          .run = run_write};
}
Command config_read_command() {
  return {.name = "config read",
          .synopsis = "Show a configuration entry",
          .usage = "-kind KIND -name NAME",
          .help = "Shows an entry as JSON.",
          .flags = {kind_flag, name_flag},
          .takes = "no arguments",
          .run = run_read};
}
Command config_list_command() {
  return {.name = "config list",
          .synopsis = "List the configuration entries of a kind",
          .usage = "-kind KIND",
          .help = "Lists the names of the entries of a kind, one a line.",
          .flags = {kind_flag, {"filter", "expression", "Only what it lets through."}},
          .takes = "no arguments",
          .run = run_list};
}
Command config_delete_command() {
  return {.name = "config delete",
          .synopsis = "Take a configuration entry away",
          .usage = "-kind KIND -name NAME",
          .help = "Takes an entry away. What is not there is gone already.",
          .flags = {kind_flag, name_flag, cas_flag, index_flag},
          .takes = "no arguments",
          .run = run_delete};
}

}  // namespace caravan::cli::consul
