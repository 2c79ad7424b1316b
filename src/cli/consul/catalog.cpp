// SPDX-License-Identifier: Apache-2.0
// catalog datacenters, nodes, services.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

Params filters(const Flags& flags) {
  Params params;
  for (const std::string& meta : flags.all("node-meta")) {
    const std::size_t equals = meta.find('=');
    params.emplace_back("node-meta", equals == std::string::npos
                                         ? meta
                                         : meta.substr(0, equals) + ":" + meta.substr(equals + 1));
  }
  if (flags.given("filter")) params.emplace_back("filter", flags.text("filter"));
  return params;
}

std::string map_of(const json::Value& object) {
  std::vector<std::string> all;
  for (const json::Member* member : sorted_members(object))
    all.push_back(fmt::format("{}={}", member->name, text(object, member->name)));
  return base::join(all, ", ");
}

int run_datacenters(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/catalog/datacenters");
  if (!reply) return context.fail("Error listing datacenters", reply.error());
  for (const std::string& name : texts(reply->body))
    context.out(name);
  return 0;
}

int run_nodes(Context& context) {
  const std::string service = context.flags.text("service");
  const std::string path = service.empty() ? "/v1/catalog/nodes"
                                           : "/v1/catalog/service/" + base::percent_encode(service);
  const base::Result<Reply> reply = context.api().get(path, filters(context.flags));
  if (!reply) return context.fail("Error listing nodes", reply.error());
  const bool is_detailed = context.flags.on("detailed");
  Rows rows = {{"Node", "ID", "Address", "DC"}};
  if (is_detailed) rows[0].insert(rows[0].end(), {"TaggedAddresses", "Meta"});
  for (const json::Value& node : list(reply->body)) {
    std::vector<std::string> row = {text(node, "Node"), short_id(text(node, "ID"), is_detailed),
                                    text(node, "Address"), text(node, "Datacenter")};
    if (is_detailed) {
      row.push_back(map_of(node.at("TaggedAddresses")));
      row.push_back(map_of(node.at(service.empty() ? "Meta" : "NodeMeta")));
    }
    if (std::ranges::find(rows, row) == rows.end()) rows.push_back(std::move(row));
  }
  context.out(rows.size() == 1 ? "No nodes match the given query - try expanding your search."
                               : table(rows, ""));
  return 0;
}

int run_services(Context& context) {
  const std::string node = context.flags.text("node");
  const std::string path =
      node.empty() ? "/v1/catalog/services" : "/v1/catalog/node/" + base::percent_encode(node);
  const base::Result<Reply> reply = context.api().get(path, filters(context.flags));
  if (!reply) return context.fail("Error listing services", reply.error());
  std::map<std::string, std::vector<std::string>> tags;
  if (node.empty())
    for (const json::Member* service : sorted_members(reply->body))
      tags[service->name] = texts(service->value);
  else
    for (const json::Member* service : sorted_members(reply->body.at("Services")))
      for (const std::string& tag : texts(service->value.at("Tags")))
        tags[text(service->value, "Service")].push_back(tag);
  if (!node.empty())
    for (const json::Member* service : sorted_members(reply->body.at("Services")))
      tags.try_emplace(text(service->value, "Service"));
  if (tags.empty()) {
    context.out("No services match the given query - try expanding your search.");
    return 0;
  }
  Rows rows;
  for (auto& [name, own] : tags) {
    std::ranges::sort(own);
    if (context.flags.on("tags"))
      rows.push_back({name, base::join(own, ",")});
    else
      context.out(name);
  }
  if (!rows.empty()) context.out(table(rows, ""));
  return 0;
}

const FlagSpec node_meta_flag = {"node-meta", "key=value",
                                 "Only nodes with this. May be repeated."},
               filter_flag = {"filter", "expression", "Only what it lets through."};

}  // namespace

Command catalog_datacenters_command() {
  return {.name = "catalog datacenters",
          .synopsis = "List the datacenters",
          .usage = "[options]",
          .help = "Lists the datacenters, one a line.",
          .takes = "no arguments",
          .run = run_datacenters};
}
Command catalog_nodes_command() {
  return {.name = "catalog nodes",
          .synopsis = "List the nodes",
          .usage = "[options]",
          .help = "Lists the nodes of the registry, or those that have a service.",
          .flags = {{"detailed", "", "Each with its addresses and metadata."},
                    {"service", "name", "Only nodes that have it."},
                    node_meta_flag,
                    filter_flag},
          .takes = "no arguments",
          .run = run_nodes};
}
Command catalog_services_command() {
  return {.name = "catalog services",
          .synopsis = "List the services",
          .usage = "[options]",
          .help = "Lists the services of the registry, or those on a node, one a line.",
          .flags = {{"node", "name", "Only those on it."},
                    {"tags", "", "Each with its tags."},
                    node_meta_flag,
                    filter_flag},
          .takes = "no arguments",
          .run = run_services};
}

}  // namespace caravan::cli::consul
