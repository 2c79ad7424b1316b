// SPDX-License-Identifier: Apache-2.0
// The servers as operators see them: who is in the log, autopilot, joining and leaving.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "base/time.hpp"
#include "json/writer.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

json::Object server_health(const cluster::ServerHealth& server, base::Instant now) {
  const wire::ServerInfo& info = server.member.info;
  return {{"ID", fmt::format("{}", info.id)},
          {"Name", info.name + "." + info.region},
          {"Address", server.member.rpc.to_string()},
          {"SerfStatus", std::string(cluster::to_string(server.member.status))},
          {"Version", info.version},
          {"Leader", server.leads},
          {"LastContact", base::format_duration(server.last_contact)},
          {"LastTerm", static_cast<std::int64_t>(server.last_term)},
          {"LastIndex", static_cast<std::int64_t>(server.last_index)},
          {"Healthy", server.healthy},
          {"Voter", server.votes},
          {"StableSince", base::format_rfc3339({now.unix_ns - server.stable_for.count()})}};
}

class ServersPage {
 public:
  ServersPage(const AgentFace& face, cluster::Operations& operations, io::Clock& clock,
              std::uint16_t join_port)
      : face_(face), operations_(operations), clock_(clock), join_port_(join_port) {}

  Task<Result> raft_configuration(Call&) {
    const std::shared_ptr<const ServersFace> servers = face_.servers();
    json::Array list;
    const auto add = [&](std::uint64_t id, bool votes) {
      const auto member = std::ranges::find_if(
          servers->members, [&](const cluster::Member& each) { return each.info.id == id; });
      const bool known = member != servers->members.end();
      list.push_back(json::Object{
          {"ID", fmt::format("{}", id)},
          {"Node", known ? member->info.name + "." + member->info.region : "(unknown)"},
          {"Address", known ? member->rpc.to_string() : ""},
          {"Leader", id == servers->leader},
          {"Voter", votes},
          {"RaftProtocol", "3"}});
    };
    for (const std::uint64_t id : servers->voters)
      add(id, true);
    for (const std::uint64_t id : servers->learners)
      add(id, false);
    co_return json_answer(json::Object{{"Index", 0}, {"Servers", std::move(list)}});
  }

  Task<Result> remove_peer(Call& call) {
    const std::string id = call.request.query.get("id");
    if (id.empty())
      co_return base::invalid("Must specify ?id with the server's ID of the peer to remove");
    CO_TRY_VOID(co_await operations_.remove_peer(id));
    co_return Answer{.body = ""};
  }

  Task<Result> transfer_leadership(Call& call) {
    const std::string id = call.request.query.get("id"),
                      address = call.request.query.get("address");
    if (id.empty() == address.empty())
      co_return base::invalid(
          "Must specify either ?id with the server's ID or ?address with "
          "IP:port of the server that shall lead");
    const std::uint64_t from = face_.servers()->leader;
    CO_TRY(const consensus::ServerId to, co_await operations_.transfer(id, address));
    co_return json_answer(json::Object{{"From", fmt::format("{}", from)},
                                       {"To", fmt::format("{}", to)},
                                       {"Noop", from == to},
                                       {"Err", nullptr}});
  }

  Task<Result> autopilot_health(Call&) {
    const cluster::Health health = co_await operations_.health();
    json::Array servers;
    for (const cluster::ServerHealth& server : health.servers)
      servers.push_back(server_health(server, clock_.now()));
    Answer answer = json_answer(json::Object{{"Healthy", health.healthy},
                                             {"FailureTolerance", health.failure_tolerance},
                                             {"Servers", std::move(servers)}});
    if (!health.healthy) answer.status = 429;
    co_return answer;
  }

  Task<Result> join(Call& call) {
    std::vector<io::Address> addresses;
    for (const std::string& text : call.request.query.all("address")) {
      const auto address = io::Address::parse(text, join_port_);
      if (!address) co_return base::invalid("address: " + address.error().message);
      addresses.push_back(*address);
    }
    if (addresses.empty()) co_return base::invalid("missing address to join");
    const std::size_t asked = addresses.size();
    const std::vector<std::string> failed = co_await operations_.join(std::move(addresses));
    std::string error;
    if (!failed.empty())
      error = fmt::format("{} error{} occurred:\n", failed.size(), failed.size() == 1 ? "" : "s");
    for (const std::string& one : failed)
      error += "\t* " + one + "\n";
    if (!error.empty()) error += "\n";
    co_return json_answer(json::Object{
        {"error", error}, {"num_joined", static_cast<std::int64_t>(asked - failed.size())}});
  }

  Task<Result> force_leave(Call& call) {
    const std::string name = call.request.query.get("node");
    if (name.empty()) co_return base::invalid("missing node to force leave");
    CO_TRY_VOID(co_await operations_.force_leave(name));
    co_return Answer{.body = ""};
  }

 private:
  const AgentFace face_;
  cluster::Operations& operations_;
  io::Clock& clock_;
  const std::uint16_t join_port_;
};

}  // namespace

std::vector<Route> server_routes(const AgentFace& face, cluster::Operations& operations,
                                 io::Clock& clock, std::uint16_t join_port) {
  const auto page = std::make_shared<ServersPage>(face, operations, clock, join_port);
  const auto to = handlers_of(page);
  return {
      {"GET", "/v1/operator/raft/configuration", Capability::operator_read,
       to(&ServersPage::raft_configuration)},
      {"DELETE", "/v1/operator/raft/peer", Capability::operator_write,
       to(&ServersPage::remove_peer)},
      {"PUT POST", "/v1/operator/raft/transfer-leadership", Capability::operator_write,
       to(&ServersPage::transfer_leadership)},
      {"GET", "/v1/operator/autopilot/health", Capability::operator_read,
       to(&ServersPage::autopilot_health)},
      {"PUT POST", "/v1/agent/join", Capability::agent_write, to(&ServersPage::join), true},
      {"PUT POST", "/v1/agent/force-leave", Capability::agent_write, to(&ServersPage::force_leave),
       true},
  };
}

}  // namespace caravan::api::nomad
