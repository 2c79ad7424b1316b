// SPDX-License-Identifier: Apache-2.0
// intention create, check, get, match, delete, list.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/free_file.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

constexpr const char* all_path = "/v1/connect/intentions";
constexpr const char* exact_path = "/v1/connect/intentions/exact";

std::string path_of(const std::string& id) {
  return fmt::format("{}/{}", all_path, base::percent_encode(id));
}

Params ends(const std::string& source, const std::string& destination) {
  return {{"source", source}, {"destination", destination}};
}

/// "allow", "deny", or how many permissions of requests it has.
std::string action_of(const json::Value& intention) {
  const std::size_t permissions = list(intention, "Permissions").size();
  if (permissions == 0) return text(intention, "Action");
  return fmt::format("{} permission{}", permissions, permissions == 1 ? "" : "s");
}

std::string title_of(const json::Value& intention) {
  return fmt::format("{} => {} ({})", text(intention, "SourceName"),
                     text(intention, "DestinationName"), action_of(intention));
}

/// Of the words and flags, or of the files. Errors: invalid, those of files.
base::Result<std::vector<json::Value>> intentions_of(const Context& context) {
  std::vector<json::Value> all;
  if (context.flags.on("file")) {
    for (const std::string& path : context.words) {
      TRY(json::Value intention, read_free_file(path));
      all.push_back(std::move(intention));
    }
    return all;
  }
  if (context.words.size() != 2)
    return base::invalid("Must specify two arguments: source and destination");
  json::Object meta;
  for (const std::string& pair : context.flags.all("meta")) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos)
      return base::invalid(fmt::format("-meta: \"{}\" is no key=value", base::printable(pair, 80)));
    meta[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  json::Object intention{{"SourceName", context.words[0]},
                         {"DestinationName", context.words[1]},
                         {"Action", context.flags.on("deny") ? "deny" : "allow"}};
  if (!meta.empty()) intention["Meta"] = std::move(meta);
  all.emplace_back(std::move(intention));
  return all;
}

/// One that has an id keeps it.
base::Result<Reply> replace(Client& api, const json::Value& intention) {
  const Params named = ends(text(intention, "SourceName"), text(intention, "DestinationName"));
  const base::Result<Reply> known = api.get(exact_path, named);
  const std::string id = known ? text(known->body, "ID") : "";
  if (id.empty()) return api.send("PUT", exact_path, intention, named);
  return api.send("PUT", path_of(id), intention);
}

int run_create(Context& context) {
  if (context.flags.on("allow") && context.flags.on("deny"))
    return context.wrong_use("Only one of -allow or -deny may be specified.");
  const base::Result<std::vector<json::Value>> intentions = intentions_of(context);
  if (!intentions) return context.wrong_use(intentions.error().message);
  for (const json::Value& intention : *intentions) {
    const std::string title = title_of(intention);
    const base::Result<Reply> reply = context.flags.on("replace")
                                          ? replace(context.api(), intention)
                                          : context.api().send("POST", all_path, intention);
    if (!reply)
      return context.fail(fmt::format("Error creating intention \"{}\"", title), reply.error());
    context.out("Created: " + title);
  }
  return 0;
}

/// Exit codes tell scripts: 0 allowed, 1 denied, 2 not known.
int run_check(Context& context) {
  const base::Result<Reply> reply = context.api().get(
      "/v1/connect/intentions/check", ends(context.words[0], context.words[1]));
  if (!reply) {
    context.err("Error checking the connection: " + reply.error().message);
    return 2;
  }
  const bool is_allowed = boolean(reply->body, "Allowed");
  context.out(is_allowed ? "Allowed" : "Denied");
  return is_allowed ? 0 : 1;
}

/// By its id, or by source and destination.
base::Result<Reply> find(Context& context) {
  if (context.words.size() == 1) return context.api().get(path_of(context.words[0]));
  return context.api().get(exact_path, ends(context.words[0], context.words[1]));
}

int run_get(Context& context) {
  const base::Result<Reply> reply = find(context);
  if (!reply) return context.fail("Error", reply.error());
  const json::Value& intention = reply->body;
  Rows rows = {{"Source:", text(intention, "SourceName")},
               {"Destination:", text(intention, "DestinationName")},
               {"Action:", action_of(intention)}};
  if (!text(intention, "ID").empty()) rows.push_back({"ID:", text(intention, "ID")});
  if (!text(intention, "Description").empty())
    rows.push_back({"Description:", text(intention, "Description")});
  for (const json::Member* member : sorted_members(intention.at("Meta")))
    rows.push_back({fmt::format("Meta[{}]:", member->name),
                    text(intention.at("Meta"), member->name)});
  if (!text(intention, "ID").empty())
    rows.push_back({"Created At:", format_time(intention.at("CreatedAt"))});
  context.out(table(rows, ""));
  return 0;
}

int run_match(Context& context) {
  if (context.flags.on("source") && context.flags.on("destination"))
    return context.wrong_use("Only one of -source or -destination may be specified.");
  const base::Result<Reply> reply =
      context.api().get("/v1/connect/intentions/match",
                        {{"by", context.flags.on("source") ? "source" : "destination"},
                         {"name", context.words[0]}});
  if (!reply) return context.fail("Error matching the connection", reply.error());
  for (const json::Member* member : sorted_members(reply->body))
    for (const json::Value& intention : list(member->value))
      context.out(title_of(intention));
  return 0;
}

int run_delete(Context& context) {
  const base::Result<Reply> reply =
      context.words.size() == 1
          ? context.api().send("DELETE", path_of(context.words[0]), nullptr)
          : context.api().send("DELETE", exact_path, nullptr,
                               ends(context.words[0], context.words[1]));
  if (!reply) return context.fail("Error deleting the intention", reply.error());
  context.out("Intention deleted.");
  return 0;
}

int run_list(Context& context) {
  Params params;
  if (context.flags.given("filter")) params.emplace_back("filter", context.flags.text("filter"));
  const base::Result<Reply> reply = context.api().get(all_path, std::move(params));
  if (!reply) return context.fail("Failed to retrieve the intentions list", reply.error());
  Rows rows = {{"ID", "Source", "Action", "Destination", "Precedence"}};
  for (const json::Value& intention : list(reply->body))
    rows.push_back({text(intention, "ID"), text(intention, "SourceName"), action_of(intention),
                    text(intention, "DestinationName"),
                    fmt::format("{}", integer(intention, "Precedence"))});
  context.out(rows.size() == 1 ? "There are no intentions." : table(rows, ""));
  return 0;
}

}  // namespace

Command intention_create_command() {
  return {.name = "intention create",
          .synopsis = "Say who may connect to whom",
          .usage = "[options] SRC DST, or -file FILE...",
          .help =
              "Writes an intention: whether SRC may connect to DST. * stands for any service.\n"
              "With -file, those in the files.",
          .flags = {{"allow", "", "It may. The default."},
                    {"deny", "", "It may not."},
                    {"file", "", "The words are files, each with one intention."},
                    {"meta", "key=value", "Metadata. May be repeated."},
                    {"replace", "", "In place of one that is there."}},
          .words_min = 1,
          .words_max = 64,
          .takes = "two arguments: <source> <destination>, or files",
          .run = run_create};
}
Command intention_check_command() {
  return {.name = "intention check",
          .synopsis = "Say whether a connection is allowed",
          .usage = "SRC DST",
          .help = "Says whether SRC may connect to DST, and ends with 0 when it may and 1 when not.",
          .words_min = 2,
          .words_max = 2,
          .takes = "two arguments: <source> <destination>",
          .run = run_check};
}
Command intention_get_command() {
  return {.name = "intention get",
          .synopsis = "Show an intention",
          .usage = "SRC DST, or ID",
          .help = "Shows the intention from SRC to DST, or that of the id.",
          .words_min = 1,
          .words_max = 2,
          .takes = "one argument: <id>, or two: <source> <destination>",
          .run = run_get};
}
Command intention_match_command() {
  return {.name = "intention match",
          .synopsis = "List the intentions about a service",
          .usage = "[options] SRC|DST",
          .help =
              "Lists the intentions about who connects to the service, or, with -source, whom it\n"
              "connects to. The one that counts first is in front.",
          .flags = {{"destination", "", "The service is connected to. The default."},
                    {"source", "", "The service is the one that connects."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <service>",
          .run = run_match};
}
Command intention_delete_command() {
  return {.name = "intention delete",
          .synopsis = "Take an intention away",
          .usage = "SRC DST, or ID",
          .help = "Takes the intention from SRC to DST away, or that of the id.",
          .words_min = 1,
          .words_max = 2,
          .takes = "one argument: <id>, or two: <source> <destination>",
          .run = run_delete};
}
Command intention_list_command() {
  return {.name = "intention list",
          .synopsis = "List all intentions",
          .usage = "[options]",
          .help = "Lists all intentions.",
          .flags = {{"filter", "expression", "Only what it lets through."}},
          .takes = "no arguments",
          .run = run_list};
}

}  // namespace caravan::cli::consul
