// SPDX-License-Identifier: Apache-2.0
// What this agent says of itself, and whom it knows.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/own.hpp"
#include "api/consul/shapes.hpp"
#include "io/task.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

Task<json::Object> stats_there(const std::function<json::Object()>& stats) { co_return stats(); }

Task<model::Coordinate> place_there(const std::function<model::Coordinate()>& place) {
  co_return place();
}

class SelfPage {
 public:
  explicit SelfPage(OwnAgent own) : own_(std::move(own)) {}

  Task<Result> members(Call& call) {
    json::Array shown;
    for (const PoolMember& member : own_.members(call.request.query.has("wan"))) {
      if (!call.caller.may(Capability::catalog_node_read, member.name)) continue;
      json::Object tags = {{"build", own_.version},
                           {"dc", member.datacenter},
                           {"role", member.is_server ? "consul" : "node"}};
      if (member.is_server) tags["port"] = fmt::format("{}", member.port);
      shown.push_back(json::Object{{"Name", member.name},
                                   {"Addr", member.address},
                                   {"Port", member.port},
                                   {"Tags", std::move(tags)},
                                   {"Status", member.status},
                                   {"ProtocolMin", 1},
                                   {"ProtocolMax", 5},
                                   {"ProtocolCur", 2},
                                   {"DelegateMin", 2},
                                   {"DelegateMax", 5},
                                   {"DelegateCur", 4}});
    }
    co_return json_answer(std::move(shown));
  }

  Task<Result> self(Call& call) {
    CO_TRY_VOID(call.caller.require(Capability::catalog_agent_read, own_.registry.node()));
    const std::string& node = own_.registry.node();
    json::Object stats =
        co_await io::on(own_.world.executor.lane(io::Lane::main), stats_there(own_.stats));
    const model::Coordinate place =
        co_await io::on(own_.world.executor.lane(io::Lane::main), place_there(own_.place));
    json::Object config = {{"Datacenter", own_.datacenter}, {"NodeName", node},
                           {"NodeID", own_.node_id},        {"Revision", "caravan"},
                           {"Server", own_.is_server},      {"Version", own_.version}};
    co_return json_answer(json::Object{{"Config", std::move(config)},
                                       {"DebugConfig", json::Object{{"Datacenter", own_.datacenter},
                                                                    {"NodeName", node},
                                                                    {"ServerMode", own_.is_server},
                                                                    {"SessionTTLMin", "0s"}}},
                                       {"Coord", place_json(place)},
                                       {"Member", json::Object{{"Name", node}, {"Status", 1}}},
                                       {"Stats", std::move(stats)},
                                       {"Meta", json::Object{{"consul-network-segment", ""}}}});
  }

 private:
  OwnAgent own_;
};

}  // namespace

std::vector<Route> agent_self_routes(OwnAgent own) {
  const auto handle = handlers_of(std::make_shared<SelfPage>(own));
  const Need reads{Capability::anyone, Scope::handler, "node: read; others are left out"};
  const Need reads_agent{Capability::anyone, Scope::handler, "agent: read, of this one"};
  // Who belongs to the cluster, only servers know.
  return {{"GET", "/v1/agent/members", reads, handle(&SelfPage::members), own.is_server},
          {"GET", "/v1/agent/self", reads_agent, handle(&SelfPage::self), true}};
}

}  // namespace caravan::api::consul
