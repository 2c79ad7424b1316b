// SPDX-License-Identifier: Apache-2.0
#include "sim/light_nodes.hpp"

#include "wire/node_rpc.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration beat_every = 3s, question_wait = 60s;

}  // namespace

LightNodes::LightNodes(io::World& io, server::Server& server) : io_(io), server_(server) {}

void LightNodes::add(model::Node node) {
  node.id = base::NodeId(io_.random.uuid());
  node.secret_id = io_.random.uuid();
  node.status = model::NodeStatus::ready;
  One& one = nodes_.emplace_back();
  one.node = std::move(node);
  live(one);
}

void LightNodes::live(One& one) {
  one.life = std::make_unique<io::TaskGroup>(io_.executor.lane(io::Lane::main));
  one.life->spawn(follow(one));
}

void LightNodes::silence(std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i)
    nodes_[i].life->cancel();
}

void LightNodes::wake(std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i)
    live(nodes_[i]);
}

io::Task<void> LightNodes::stop() {
  for (One& one : nodes_)
    co_await one.life->stop();
}

io::Task<void> LightNodes::beat(One& one) {
  wire::NodeHeartbeatRequest request;
  request.node_id = one.node.id;
  request.secret_id = one.node.secret_id;
  while (true) {
    co_await io_.clock.sleep(beat_every);
    std::string bytes = wire::encode(request);
    (void)co_await server_.nodes().call({}, "Node.Heartbeat", std::move(bytes));
  }
}

io::Task<base::Status> LightNodes::report(One& one, const std::vector<model::Allocation>& changed) {
  wire::NodeReportRequest request;
  request.node_id = one.node.id;
  request.secret_id = one.node.secret_id;
  for (const model::Allocation& alloc : changed) {
    wire::AllocReport report;
    report.alloc_id = alloc.id;
    report.client_status = alloc.desired_status == model::DesiredStatus::run
                               ? model::ClientStatus::running
                               : model::ClientStatus::complete;
    if (report.client_status == alloc.client_status || alloc.client_terminal()) continue;
    request.reports.push_back(std::move(report));
  }
  if (request.reports.empty()) co_return base::Status();
  std::string bytes = wire::encode(request);
  CO_TRY_VOID(co_await server_.nodes().call({}, "Node.UpdateAllocs", std::move(bytes)));
  co_return base::Status();
}

io::Task<void> LightNodes::follow(One& one) {
  wire::NodeRegisterRequest registration;
  registration.node = one.node;
  std::string bytes = wire::encode(registration);
  const base::Result<std::string> known =
      co_await server_.nodes().call({}, "Node.Register", std::move(bytes));
  if (!known) complaint_ = known.error().message;
  ++registered_;
  one.life->spawn(beat(one));
  wire::NodeAllocsRequest request;
  request.node_id = one.node.id;
  request.secret_id = one.node.secret_id;
  request.wait = question_wait;
  while (true) {
    std::string question = wire::encode(request);
    const base::Result<std::string> answer =
        co_await server_.nodes().call({}, "Node.Allocs", std::move(question));
    if (!answer) co_return;  // the server ends
    const auto reply = wire::decode_allocs_reply(*answer);
    if (!reply) {
      complaint_ = reply.error().message;
      co_return;
    }
    request.since = reply->index;
    const base::Status reported = co_await report(one, reply->changed);
    if (!reported) complaint_ = reported.error().message;
  }
}

}  // namespace caravan::sim
