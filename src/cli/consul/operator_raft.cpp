// SPDX-License-Identifier: Apache-2.0
// operator raft list-peers, remove-peer, transfer-leader.
#include <fmt/core.h>

#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/operator/raft/configuration");
  if (!reply)
    return context.fail("Error getting peers: Failed to retrieve raft configuration",
                        reply.error());
  Rows rows = {{"Node", "ID", "Address", "State", "Voter", "RaftProtocol"}};
  for (const json::Value& server : list(reply->body, "Servers"))
    rows.push_back({text(server, "Node"), text(server, "ID"), text(server, "Address"),
                    boolean(server, "Leader") ? "leader" : "follower",
                    yes_no(boolean(server, "Voter")), text(server, "ProtocolVersion")});
  context.out(table(rows));
  return 0;
}

int run_remove(Context& context) {
  const std::string id = context.flags.text("id");
  if (id.empty()) return context.wrong_use("-id is needed: that of the peer, from list-peers");
  const base::Result<Reply> reply =
      context.api().send("DELETE", "/v1/operator/raft/peer", nullptr, {{"id", id}});
  if (!reply) return context.fail("Error removing peer", reply.error());
  context.out(fmt::format("Removed peer with id \"{}\"", id));
  return 0;
}

int run_transfer(Context& context) {
  Params params;
  if (context.flags.given("id")) params.emplace_back("id", context.flags.text("id"));
  const base::Result<Reply> reply =
      context.api().send("POST", "/v1/operator/raft/transfer-leader", nullptr, std::move(params));
  if (!reply) return context.fail("Error transferring leadership", reply.error());
  context.out("Success");
  return 0;
}

}  // namespace

Command operator_raft_list_peers_command() {
  return {.name = "operator raft list-peers",
          .synopsis = "List the servers in the log",
          .usage = "[options]",
          .help = "Lists the servers that share the log, and says which one leads.",
          .takes = "no arguments",
          .run = run_list};
}
Command operator_raft_remove_peer_command() {
  return {.name = "operator raft remove-peer",
          .synopsis = "Take a server out of the log",
          .usage = "-id ID",
          .help = "Takes a server out of the log that is gone for good.",
          .flags = {{"id", "id", "Of the server, from list-peers."}},
          .takes = "no arguments",
          .run = run_remove};
}
Command operator_raft_transfer_leader_command() {
  return {.name = "operator raft transfer-leader",
          .synopsis = "Let another server lead",
          .usage = "-id ID",
          .help = "Hands leadership over to another server.",
          .flags = {{"id", "id", "Of the server, from list-peers."}},
          .takes = "no arguments",
          .run = run_transfer};
}

}  // namespace caravan::cli::consul
