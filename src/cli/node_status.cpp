// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/alloc_view.hpp"
#include "cli/lookup.hpp"
#include "cli/node_use_view.hpp"
#include "cli/node_view.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// Running allocations of each node.
base::Result<std::map<std::string, std::size_t>> count_running(Context& context) {
  TRY(const Reply reply, context.api().get("/v1/allocations", {{"namespace", "*"}}));
  std::map<std::string, std::size_t> counts;
  for (const json::Value& alloc : list(reply.body))
    if (text(alloc, "ClientStatus") == "running") ++counts[text(alloc, "NodeID")];
  return counts;
}

int list_nodes(Context& context) {
  Params params;
  for (const char* name : {"filter", "per-page", "page-token"})
    if (const std::string value = context.flags.text(name); !value.empty())
      params.emplace_back(name == std::string_view("per-page")     ? "per_page"
                          : name == std::string_view("page-token") ? "next_token"
                                                                   : name,
                          value);
  const base::Result<Reply> reply = context.api().get("/v1/nodes", params);
  if (!reply) return context.fail("Error querying node status", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  if (context.flags.on("quiet")) {
    for (const json::Value& node : list(reply->body))
      context.out(short_id(text(node, "ID"), context.verbose()));
    return 0;
  }
  if (list(reply->body).empty()) {
    context.out("No nodes registered");
    return 0;
  }
  if (!context.flags.on("allocs")) {
    context.out(node_table(reply->body, context.verbose(), nullptr));
    return 0;
  }
  const auto running = count_running(context);
  if (!running) return context.fail("Error querying node allocations", running.error());
  context.out(node_table(reply->body, context.verbose(), &*running));
  return 0;
}

int run(Context& context) {
  if (context.flags.on("self")) {
    if (!context.words.empty()) return context.wrong_use("-self and a node exclude each other");
    const base::Result<std::string> id = own_node_id(context);
    if (!id) return context.fail("Error querying the agent", id.error());
    if (id->empty()) return context.fail("Agent is not running in client mode");
    return show_node(context, *id);
  }
  if (context.words.empty()) return list_nodes(context);
  const std::optional<json::Value> found = find_node(context, context.words[0]);
  return found ? show_node(context, text(*found, "ID")) : 1;
}

void show_verbose(Context& context, const json::Value& node) {
  if (const std::string devices = node_device_attributes(node); !devices.empty())
    context.out("\nDevice Group Attributes\n" + devices);
  context.out("\n" + node_map("Attributes", node.at("Attributes")));
  context.out("\n" + node_map("Meta", node.at("Meta")));
}

}  // namespace

int show_node(Context& context, const std::string& id) {
  const base::Result<Reply> node = context.api().get("/v1/node/" + id);
  if (!node) return context.fail("Error querying node info", node.error());
  int code = 0;
  if (context.shows_data(node->body, code)) return code;
  const base::Result<Reply> allocs = context.api().get(fmt::format("/v1/node/{}/allocations", id));
  if (!allocs) return context.fail("Error querying node allocations", allocs.error());
  const bool verbose = context.verbose(), is_short = context.flags.on("short");
  const base::Result<Reply> stats =
      context.api().get("/v1/client/stats", {{"node_id", id}});  // a node that is away says nothing
  context.out(
      node_basics(node->body, is_short, verbose, stats ? integer(stats->body, "Uptime") : 0));
  if (!is_short) {
    if (verbose) context.out("\n" + node_drivers(node->body));
    context.out("\n" + node_events(node->body, verbose));
    context.out("\n" + node_allocated(node->body, allocs->body));
    if (stats) context.out("\n" + host_use(node->body, stats->body));
    if (stats && context.flags.on("stats")) context.out("\n" + host_use_details(stats->body));
    if (const std::string shown = node_devices(node->body, allocs->body, verbose); !shown.empty())
      context.out("\n" + shown);
  }
  context.out("\nAllocations\n" + alloc_table(allocs->body, verbose, false, now_ns()));
  if (verbose && !is_short) show_verbose(context, node->body);
  return 0;
}

Command node_status_command() {
  return {.name = "node status",
          .alias = "node-status",
          .synopsis = "Display the nodes, or one of them",
          .usage = "[options] [<node>]",
          .help = "Without a node, lists all of them. The beginning of an id is enough.",
          .flags = {{"self", "", "The node of the agent that is asked."},
                    {"allocs", "", "In the list, how many allocations run on each."},
                    {"stats", "", "How much the machine uses, in detail."},
                    {"short", "", "Only the block at the top, and the allocations."},
                    {"quiet", "", "In the list, ids only."},
                    {"filter", "expression", "List only the nodes that match."},
                    {"per-page", "count", "How many nodes to list."},
                    {"page-token", "token", "Where to go on listing."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Whole ids and times, drivers, attributes and metadata."}},
          .words_max = 1,
          .takes = "either no arguments or one: <node>",
          .run = run};
}

}  // namespace caravan::cli
