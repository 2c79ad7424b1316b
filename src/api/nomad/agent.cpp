// SPDX-License-Identifier: Apache-2.0
// The agent's own pages, status, and housekeeping.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "json/writer.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

json::Object member_json(const cluster::Member& member, const AgentFace& face) {
  const wire::ServerInfo& info = member.info;
  json::Object tags{{"role", "nomad"},
                    {"region", info.region},
                    {"dc", info.datacenter},
                    {"build", face.version},
                    {"id", fmt::format("{}", info.id)},
                    {"port", fmt::format("{}", member.rpc.port)},
                    {"rpc_addr", member.rpc.host},
                    {"vsn", "1"},
                    {"mvn", "1"},
                    {"raft_vsn", "3"},
                    {"expect", fmt::format("{}", std::max(info.expect, 1))}};
  if (info.expect <= 1) tags["bootstrap"] = "1";
  return {{"Name", info.name + "." + info.region},
          {"Addr", member.gossip.host},
          {"Port", int{member.gossip.port}},
          {"Tags", std::move(tags)},
          {"Status", std::string(cluster::to_string(member.status))},
          {"ProtocolMin", 1},
          {"ProtocolMax", 5},
          {"ProtocolCur", 2},
          {"DelegateMin", 2},
          {"DelegateMax", 5},
          {"DelegateCur", 4}};
}

const cluster::Member* find(const ServersFace& servers, std::uint64_t id) {
  const auto found = std::ranges::find_if(
      servers.members, [&](const cluster::Member& member) { return member.info.id == id; });
  return found == servers.members.end() ? nullptr : &*found;
}

class AgentPage {
 public:
  AgentPage(const AgentFace& face, io::Clock& clock) : face_(face), clock_(clock) {}

  Task<Result> self(Call&) {
    json::Object member;
    if (face_.servers) {
      const std::shared_ptr<const ServersFace> servers = face_.servers();
      if (const cluster::Member* self = find(*servers, servers->self))
        member = member_json(*self, face_);
    }
    co_return json_answer(
        json::Object{{"config", face_.config}, {"member", member}, {"stats", face_.stats()}});
  }

  Task<Result> members(Call&) {
    json::Array list;
    if (face_.servers) {
      const std::shared_ptr<const ServersFace> servers = face_.servers();
      for (const cluster::Member& member : servers->members)
        list.push_back(member_json(member, face_));
    }
    co_return json_answer(json::Object{{"ServerName", face_.name},
                                       {"ServerRegion", face_.region},
                                       {"ServerDC", face_.datacenter},
                                       {"Members", list}});
  }

  /// The servers that the client of this agent knows.
  Task<Result> servers(Call&) {
    if (!face_.has_client)
      co_return base::fail(base::Code::unsupported, "No client runs in this agent");
    json::Array list;
    for (const std::string& address : face_.client_servers())
      list.push_back(address);
    co_return json_answer(std::move(list));
  }

  Task<Result> health(Call& call) {
    const std::vector<std::string> types = call.request.query.all("type");
    const auto asked = [&](const char* type) {
      return types.empty() || std::ranges::find(types, type) != types.end();
    };
    json::Object report;
    bool ok = true;
    const auto add = [&](const char* type, bool present, const std::function<bool()>& well,
                         const char* why) {
      if (!present || !asked(type)) return;
      const bool is_ok = well();
      ok = ok && is_ok;
      report[type] = json::Object{{"ok", is_ok}, {"message", is_ok ? "ok" : why}};
    };
    add("client", face_.has_client, face_.client_ok, "no known servers");
    add("server", face_.has_server, face_.server_ok, "No cluster leader");
    Answer answer = json_answer(report);
    if (!ok) {
      answer.status = 500;
      answer.content_type = "text/plain; charset=utf-8";
    }
    co_return answer;
  }

  Task<Result> metrics(Call& call) {
    const std::string format = call.request.query.get("format");
    if (!format.empty() && format != "prometheus")
      co_return base::invalid(
          fmt::format("Unsupported metrics format \"{}\"", format.substr(0, 32)));
    const Gauges gauges = face_.gauges();
    if (format.empty()) {
      json::Array list;
      for (const auto& [name, value] : gauges)
        list.push_back(json::Object{{"Name", name}, {"Value", value}, {"Labels", json::Object()}});
      const base::Civil c = base::to_civil(clock_.now());
      co_return json_answer(json::Object{
          {"Timestamp", fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} +0000 UTC", c.year,
                                    c.month, c.day, c.hour, c.minute, c.second)},
          {"Gauges", list},
          {"Points", json::Array()},
          {"Counters", json::Array()},
          {"Samples", json::Array()}});
    }
    Answer answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    for (const auto& [name, value] : gauges) {
      std::string flat = name;
      for (char& ch : flat)
        if (ch == '.' || ch == '-') ch = '_';
      answer.body += fmt::format("# TYPE {} gauge\n{} {}\n", flat, flat, value);
    }
    co_return answer;
  }

 private:
  AgentFace face_;
  io::Clock& clock_;
};

}  // namespace

Gauges server_gauges(const Readers& readers) {
  const state::Snapshot tables = readers.store.snapshot();
  std::map<std::string, int> allocs, jobs;
  tables->allocs.each([&](const auto&, const auto& alloc) {
    ++allocs[std::string(model::name_of(alloc->client_status))];
  });
  tables->jobs.each(
      [&](const auto&, const auto& job) { ++jobs[std::string(model::name_of(job->status))]; });
  int beating = 0;
  tables->nodes.each([&](const auto&, const auto& node) {
    beating += node->status == model::NodeStatus::ready ? 1 : 0;
  });
  Gauges gauges = {{"nomad.nomad.state.snapshotIndex", static_cast<double>(tables->index)},
                   {"nomad.nomad.heartbeat.active", static_cast<double>(beating)},
                   {"nomad.nomad.parked_queries", static_cast<double>(readers.watches.parked())}};
  for (const char* status : {"pending", "running", "dead"})
    gauges.emplace_back(fmt::format("nomad.nomad.job_status.{}", status), jobs[status]);
  for (const char* status : {"pending", "running", "complete", "failed", "lost"})
    gauges.emplace_back(fmt::format("nomad.nomad.allocs.{}", status), allocs[status]);
  return gauges;
}

std::vector<Route> agent_routes(const AgentFace& face, io::Clock& clock) {
  const auto page = std::make_shared<AgentPage>(face, clock);
  const auto to = handlers_of(page);
  return {
      {"GET", "/v1/agent/self", Capability::agent_read, to(&AgentPage::self), true},
      // An agent without a server knows none: one of them says who is there.
      {"GET", "/v1/agent/members", Capability::node_read, to(&AgentPage::members), face.has_server},
      {"GET", "/v1/agent/servers", Capability::agent_read, to(&AgentPage::servers), true},
      {"GET", "/v1/agent/health", Capability::anyone, to(&AgentPage::health), true},
      {"GET", "/v1/metrics", Capability::anyone, to(&AgentPage::metrics), true},
  };
}

std::vector<Route> status_routes(const AgentFace& face) {
  const auto leader = [face](Call&) -> Task<Result> {
    const std::shared_ptr<const ServersFace> servers = face.servers();
    const cluster::Member* leader = find(*servers, servers->leader);
    if (!leader) co_return base::fail(base::Code::unavailable, "No cluster leader");
    co_return json_answer(leader->rpc.to_string());
  };
  const auto peers = [face](Call&) -> Task<Result> {
    const std::shared_ptr<const ServersFace> servers = face.servers();
    json::Array list;
    for (const std::uint64_t id : servers->voters)
      if (const cluster::Member* peer = find(*servers, id)) list.push_back(peer->rpc.to_string());
    co_return json_answer(std::move(list));
  };
  const auto regions = [face](Call&) -> Task<Result> {
    json::Array list;
    for (const std::string& region : face.servers()->regions)
      list.push_back(region);
    co_return json_answer(std::move(list));
  };
  return {{"GET", "/v1/status/leader", Capability::anyone, leader},
          {"GET", "/v1/status/peers", Capability::anyone, peers},
          {"GET", "/v1/regions", Capability::anyone, regions}};
}

std::vector<Route> system_routes(server::Collector& collector) {
  const auto gc = [&collector](Call&) -> Task<Result> {
    CO_TRY_VOID(co_await collector.collect(true));
    co_return Answer{.body = "", .content_type = "application/json"};
  };
  return {{"PUT POST", "/v1/system/gc", Capability::management, gc}};
}

}  // namespace caravan::api::nomad
