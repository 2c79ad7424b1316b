// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "io/network.hpp"

namespace caravan::cli {
namespace {

std::string rpc_address(const json::Value& member) {
  const std::string ip = text(member.at("Tags"), "rpc_addr");
  return fmt::format("{}:{}", ip.empty() ? text(member, "Addr") : ip,
                     text(member.at("Tags"), "port"));
}

/// The leaders' addresses, by region; of those that have one.
std::map<std::string, std::string> leaders_of(Context& context, const json::Array& members,
                                              std::string& trouble) {
  std::set<std::string> regions;
  for (const json::Value& member : members)
    regions.insert(text(member.at("Tags"), "region"));
  std::map<std::string, std::string> leaders;
  for (const std::string& region : regions) {
    const base::Result<Reply> leader = context.api().get("/v1/status/leader", {{"region", region}});
    const std::string* address = leader ? leader->body.as_string() : nullptr;
    if (address) leaders[region] = *address;
    if (!leader) trouble += fmt::format("\n\t* Region \"{}\": {}", region, leader.error().message);
  }
  return leaders;
}

std::string standard(const json::Array& members, std::map<std::string, std::string> leaders) {
  Rows rows = {{"Name", "Address", "Port", "Status", "Leader", "Raft Version", "Build",
                "Datacenter", "Region"}};
  for (const json::Value& member : members) {
    const json::Value& tags = member.at("Tags");
    const std::string& leader = leaders[text(tags, "region")];
    rows.push_back(
        {text(member, "Name"), text(member, "Addr"), fmt::format("{}", integer(member, "Port")),
         text(member, "Status"), yes_no(!leader.empty() && rpc_address(member) == leader),
         text(tags, "raft_vsn"), text(tags, "build"), text(tags, "dc"), text(tags, "region")});
  }
  return table(rows);
}

std::string detailed(const json::Array& members) {
  Rows rows = {{"Name", "Address", "Port", "Tags"}};
  for (const json::Value& member : members) {
    std::vector<std::string> tags;
    for (const json::Member* tag : sorted_members(member.at("Tags")))
      tags.push_back(fmt::format("{}={}", tag->name, text(member.at("Tags"), tag->name)));
    rows.push_back({text(member, "Name"), text(member, "Addr"),
                    fmt::format("{}", integer(member, "Port")), base::join(tags, ",")});
  }
  return table(rows);
}

int run(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/agent/members");
  if (!reply) return context.fail("Error querying servers", reply.error());
  int code = 0;
  if (context.shows_data(reply->body.at("Members"), code)) return code;
  json::Array members = list(reply->body, "Members");
  std::ranges::sort(members, {}, [](const json::Value& member) { return text(member, "Name"); });
  if (members.empty()) {
    context.out("Agent doesn't know about server members");
    return 0;
  }
  std::string trouble;
  const auto leaders = leaders_of(context, members, trouble);
  context.out(context.flags.on("detailed") ? detailed(members) : standard(members, leaders));
  if (!trouble.empty()) context.err("\nError determining leaders:" + trouble);
  return 0;
}

}  // namespace

Command server_members_command() {
  return {.name = "server members",
          .alias = "server-members",
          .synopsis = "List the servers",
          .usage = "[options]",
          .help = "Lists the servers that the agent knows, and says which one leads.",
          .flags = {{"detailed", "", "Each with its tags."},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."},
                    {"verbose", "", "Accepted: names and addresses are always shown whole."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli
