// SPDX-License-Identifier: Apache-2.0
#include <regex>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

constexpr const char* status_words[] = {"none", "alive", "leaving", "left", "failed"};

std::string status_of(const json::Value& member) {
  const std::int64_t status = integer(member, "Status");
  return status >= 0 && status < std::ssize(status_words) ? status_words[status] : "none";
}

std::string address_of(const json::Value& member) {
  return fmt::format("{}:{}", text(member, "Addr"), integer(member, "Port"));
}

std::vector<std::string> standard(const json::Value& member) {
  const json::Value& tags = member.at("Tags");
  const bool is_server = text(tags, "role") == "consul";
  return {text(member, "Name"),
          address_of(member),
          status_of(member),
          is_server ? "server" : "client",
          text(tags, "build"),
          fmt::format("{}", integer(member, "ProtocolCur")),
          text(tags, "dc"),
          "default",
          is_server ? "<all>" : "<default>"};
}

std::vector<std::string> detailed(const json::Value& member) {
  std::vector<std::string> tags;
  for (const json::Member* tag : sorted_members(member.at("Tags")))
    tags.push_back(fmt::format("{}={}", tag->name, text(member.at("Tags"), tag->name)));
  return {text(member, "Name"), address_of(member), status_of(member), base::join(tags, ",")};
}

int run(Context& context) {
  std::regex wanted;
  try {
    wanted = std::regex(context.flags.text("status", ".*"));
  } catch (const std::regex_error& error) {
    return context.wrong_use(fmt::format("-status: no regular expression: {}", error.what()));
  }
  Params params;
  if (context.flags.on("wan")) params.emplace_back("wan", "1");
  const base::Result<Reply> reply = context.api().get("/v1/agent/members", params);
  if (!reply) return context.fail("Error retrieving members", reply.error());
  const bool is_detailed = context.flags.on("detailed");
  Rows rows = {is_detailed ? std::vector<std::string>{"Node", "Address", "Status", "Tags"}
                           : std::vector<std::string>{"Node", "Address", "Status", "Type", "Build",
                                                      "Protocol", "DC", "Partition", "Segment"}};
  for (const json::Value& member : list(reply->body))
    if (std::regex_match(status_of(member), wanted))
      rows.push_back(is_detailed ? detailed(member) : standard(member));
  // As elsewhere: none is a failure, so that scripts can wait.
  if (rows.size() == 1) return 2;
  context.out(table(rows));
  return 0;
}

}  // namespace

Command members_command() {
  return {.name = "members",
          .synopsis = "List the agents of the cluster",
          .usage = "[options]",
          .help =
              "Lists the agents that this one knows, and how they are. Exits with 2 when there is\n"
              "none to show.",
          .flags = {{"detailed", "", "Each with its tags."},
                    {"status", "regexp", "Only those whose status is like this."},
                    {"wan", "", "Only servers, of all datacenters."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli::consul
