// SPDX-License-Identifier: Apache-2.0
// rtt: how long a question from one node to another and its answer take, as their coordinates say.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "model/coordinate.hpp"
#include "wire/json_in.hpp"

namespace caravan::cli::consul {
namespace {

base::Result<model::Coordinate> place_in(const json::Array& rows, const std::string& node) {
  for (const json::Value& row : rows)
    if (base::to_lower(text(row, "Node")) == base::to_lower(node))
      return wire::from_json<model::Coordinate>(row.at("Coord"), "Coord");
  return base::fail(base::Code::not_found,
                    fmt::format("Could not find a coordinate for node \"{}\"", node));
}

/// "n1.dc1": of a server, in the area of all datacenters.
base::Result<model::Coordinate> wide_place(const json::Array& datacenters,
                                           const std::string& node) {
  const std::size_t dot = node.rfind('.');
  const std::string name = node.substr(0, dot), datacenter = node.substr(dot + 1);
  for (const json::Value& one : datacenters)
    if (text(one, "Datacenter") == datacenter) {
      const base::Result<model::Coordinate> place = place_in(list(one, "Coordinates"), name);
      if (place) return place;
    }
  return base::fail(base::Code::not_found,
                    fmt::format("Could not find a coordinate for node \"{}\" in datacenter \"{}\"",
                                name, datacenter));
}

/// The agent's own name, as it is called in that area.
base::Result<std::string> own_name(Context& context, bool is_wide) {
  TRY(const Reply self, context.api().get("/v1/agent/self"));
  const json::Value& config = self.body.at("Config");
  const std::string name = text(config, "NodeName");
  return is_wide ? name + "." + text(config, "Datacenter") : name;
}

int run(Context& context) {
  const bool is_wide = context.flags.on("wan");
  std::vector<std::string> nodes = context.words;
  for (const std::string& node : nodes)
    if (is_wide && !node.contains('.'))
      return context.wrong_use("Node names must be specified as <node name>.<datacenter> with -wan");
  if (nodes.size() == 1) {
    const base::Result<std::string> own = own_name(context, is_wide);
    if (!own) return context.fail("Unable to look up agent info", own.error());
    nodes.push_back(*own);
  }
  const base::Result<Reply> reply =
      context.api().get(is_wide ? "/v1/coordinate/datacenters" : "/v1/coordinate/nodes");
  if (!reply) return context.fail("Error getting coordinates", reply.error());
  std::vector<model::Coordinate> places;
  for (const std::string& node : nodes) {
    const auto place =
        is_wide ? wide_place(list(reply->body), node) : place_in(list(reply->body), node);
    if (!place) return context.fail(place.error().message);
    if (const std::string wrong = model::coordinate_complaint(*place); !wrong.empty())
      return context.fail(node + ": " + wrong);
    places.push_back(*place);
  }
  context.out(fmt::format("Estimated {} <-> {} rtt: {:.3f} ms (using {} coordinates)", nodes[0],
                          nodes[1], model::distance(places[0], places[1]) * 1000,
                          is_wide ? "WAN" : "LAN"));
  return 0;
}

}  // namespace

Command rtt_command() {
  return {.name = "rtt",
          .synopsis = "Estimate the network round-trip time between two nodes",
          .usage = "[options] <node> [node]",
          .help =
              "Says how long a question from one node to the other and its answer take, as far as\n"
              "their coordinates tell. With one node, the other one is that of the agent.",
          .flags = {{"wan", "", "Between servers, by names as node.datacenter."}},
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <node> [node]",
          .run = run};
}

}  // namespace caravan::cli::consul
