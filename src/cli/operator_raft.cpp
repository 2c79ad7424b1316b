// SPDX-License-Identifier: Apache-2.0
// operator raft list-peers, remove-peer, transfer-leadership.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run_list_peers(Context& context) {
  Params params;
  if (context.flags.on("stale")) params.emplace_back("stale", "");
  const base::Result<Reply> reply =
      context.api().get("/v1/operator/raft/configuration", std::move(params));
  if (!reply) return context.fail("Failed to retrieve raft configuration", reply.error());
  Rows rows = {{"Node", "ID", "Address", "State", "Voter", "RaftProtocol"}};
  for (const json::Value& server : list(reply->body, "Servers"))
    rows.push_back({text(server, "Node"), text(server, "ID"), text(server, "Address"),
                    boolean(server, "Leader") ? "leader" : "follower",
                    yes_no(boolean(server, "Voter")), text(server, "RaftProtocol")});
  context.out(table(rows));
  return 0;
}

int run_remove_peer(Context& context) {
  const std::string id = context.flags.text("peer-id", "");
  if (id.empty())
    return context.wrong_use("-peer-id is required; operator raft list-peers shows it");
  const base::Result<Reply> reply =
      context.api().send("DELETE", "/v1/operator/raft/peer", {}, {{"id", id}});
  if (!reply) return context.fail("Failed to remove raft peer", reply.error());
  context.out(fmt::format("Removed peer with id \"{}\"", id));
  return 0;
}

int run_transfer(Context& context) {
  const std::string id = context.flags.text("peer-id", ""),
                    address = context.flags.text("peer-address", "");
  if (id.empty() == address.empty())
    return context.wrong_use("either -peer-id or -peer-address is required");
  Params params = {id.empty() ? std::pair<std::string, std::string>("address", address)
                              : std::pair<std::string, std::string>("id", id)};
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/operator/raft/transfer-leadership", {}, std::move(params));
  if (!reply) return context.fail("Failed to transfer leadership", reply.error());
  context.out(fmt::format("Transferred leadership to peer {}", text(reply->body, "To")));
  return 0;
}

}  // namespace

Command operator_raft_list_peers_command() {
  return {.name = "operator raft list-peers",
          .synopsis = "Display who is in the log",
          .usage = "[options]",
          .help = "Shows the servers that take part in the log, and which one leads.",
          .flags = {{"stale", "", "Any server may answer, also without a leader."}},
          .takes = "no arguments",
          .run = run_list_peers};
}

Command operator_raft_remove_peer_command() {
  return {.name = "operator raft remove-peer",
          .synopsis = "Take a server out of the log",
          .usage = "-peer-id=<id>",
          .help =
              "Takes a server out of the log that will not come back. One that lives and belongs\n"
              "to the cluster is let in again.",
          .flags = {{"peer-id", "id", "The server, as operator raft list-peers shows it."}},
          .takes = "no arguments",
          .run = run_remove_peer};
}

Command operator_raft_transfer_leadership_command() {
  return {.name = "operator raft transfer-leadership",
          .synopsis = "Let another server lead",
          .usage = "[options]",
          .help = "Hands leadership over to a server that votes.",
          .flags = {{"peer-id", "id", "The server, as operator raft list-peers shows it."},
                    {"peer-address", "ip:port", "The server by its address."}},
          .takes = "no arguments",
          .run = run_transfer};
}

}  // namespace caravan::cli
