// SPDX-License-Identifier: Apache-2.0
// service list, service info, service delete.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string tags_of(const json::Value& service) {
  return "[" + base::join(texts(service.at("Tags")), ",") + "]";
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/services");
  if (!reply) return context.fail("Error listing service registrations", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const bool with_namespace = context.api().settings().ns == "*";
  Rows rows;
  for (const json::Value& space : list(reply->body))
    for (const json::Value& service : list(space, "Services")) {
      std::vector<std::string> row = {text(service, "ServiceName")};
      if (with_namespace) row.push_back(text(space, "Namespace"));
      row.push_back(tags_of(service));
      rows.push_back(std::move(row));
    }
  std::ranges::sort(rows);
  rows.insert(rows.begin(), with_namespace
                                ? std::vector<std::string>{"Service Name", "Namespace", "Tags"}
                                : std::vector<std::string>{"Service Name", "Tags"});
  context.out(rows.size() == 1 ? "No service registrations found" : table(rows));
  return 0;
}

int run_info(Context& context) {
  const std::string& name = context.words[0];
  Params params;
  if (const std::string filter = context.flags.text("filter"); !filter.empty())
    params.emplace_back("filter", filter);
  const base::Result<Reply> reply =
      context.api().get("/v1/service/" + base::percent_encode(name), params);
  if (!reply) return context.fail("Error listing service registrations", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  if (list(reply->body).empty())
    return context.fail(
        fmt::format("No service registrations found for \"{}\"", base::printable(name, 128)));
  Rows rows = {{"Job ID", "Address", "Tags", "Node ID", "Alloc ID"}};
  for (const json::Value& service : list(reply->body))
    rows.push_back({text(service, "JobID"),
                    fmt::format("{}:{}", text(service, "Address"), integer(service, "Port")),
                    tags_of(service), short_id(text(service, "NodeID"), context.verbose()),
                    short_id(text(service, "AllocID"), context.verbose())});
  context.out(table(rows));
  return 0;
}

int run_delete(Context& context) {
  const std::string path = fmt::format("/v1/service/{}/{}", base::percent_encode(context.words[0]),
                                       base::percent_encode(context.words[1]));
  const base::Result<Reply> reply = context.api().send("DELETE", path, nullptr);
  if (!reply) return context.fail("Error deleting service registration", reply.error());
  context.out("Successfully deleted service registration");
  return 0;
}

}  // namespace

Command service_list_command() {
  return {.name = "service list",
          .synopsis = "List the registered services",
          .usage = "[options]",
          .help = "Lists the names of services with the tags of all that provide them.",
          .flags = {{"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."}},
          .takes = "no arguments",
          .run = run_list};
}

Command service_info_command() {
  return {.name = "service info",
          .synopsis = "Display who provides a service",
          .usage = "[options] <service>",
          .help = "Lists what is registered under the name of a service.",
          .flags = {{"filter", "expression", "Only those that match."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <service>",
          .run = run_info};
}

Command service_delete_command() {
  return {.name = "service delete",
          .synopsis = "Delete one registration of a service",
          .usage = "[options] <service> <registration>",
          .help = "Deletes a registration that was left behind.",
          .words_min = 2,
          .words_max = 2,
          .takes = "two arguments: <service> <registration>",
          .run = run_delete};
}

}  // namespace caravan::cli
