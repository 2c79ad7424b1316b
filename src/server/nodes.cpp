// SPDX-License-Identifier: Apache-2.0
#include "server/nodes.hpp"

#include <fmt/core.h>

#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using model::NodeStatus;

/// Looking at what nodes are to run takes at most one part in so many of the main lane's time: a
/// node that was answered just now waits its turn, and its changes travel together. One that has
/// heard nothing for a while is told at once.
constexpr int answer_share = 4;
/// The cost of an answer is the mean over about so many, and nobody waits longer than this for it.
constexpr int answers_averaged = 256;
constexpr base::Duration pace_max = 2s;
/// How exactly silence is noticed.
constexpr base::Duration silence_look = 500ms;

/// What a node lacks or has outdated, and what it may forget.
struct Difference {
  std::vector<state::Ref<model::Allocation>> changed;
  std::vector<base::AllocId> removed;
  bool tell_known = false;
};

Difference compare(const state::Tables& tables, const wire::NodeAllocsRequest& request) {
  Difference difference;
  if (request.since > 0) {
    difference.tell_known = request.restored != tables.restored_index ||
                            tables.collected_after(request.node_id, request.since);
    if (!difference.tell_known)
      difference.changed = tables.allocs_of_node(request.node_id, request.since);
    return difference;
  }
  std::map<base::AllocId, std::uint64_t> known;
  for (const auto& [text, index] : request.known)
    known[base::AllocId::parse(text).value_or(base::AllocId())] = index;
  for (state::Ref<model::Allocation>& alloc : tables.allocs_of_node(request.node_id)) {
    const auto at = known.find(alloc->id);
    const bool is_known = at != known.end();
    const bool is_of_now = request.restored == tables.restored_index;
    const std::uint64_t index = is_known && is_of_now ? at->second : 0;
    if (is_known) known.erase(at);
    if (is_known && index >= alloc->alloc_modify_index) continue;
    // One that was stopped before the node heard of it is told all the same: until the node says
    // that nothing of it runs, it counts as on its way. (Found by ./dev sim --seed 20261204.)
    if (!is_known && alloc->client_terminal()) continue;
    difference.changed.push_back(std::move(alloc));
  }
  for (const auto& [id, index] : known)
    difference.removed.push_back(id);
  return difference;
}

/// Allocations that failed on their own ask for a look at their job.
std::vector<model::Evaluation> evals_for_reports(io::Random& random, const state::Tables& tables,
                                                 const std::vector<wire::AllocReport>& reports) {
  std::map<base::JobId, model::Evaluation> evals;
  for (const wire::AllocReport& report : reports) {
    const state::Ref<model::Allocation> alloc = tables.alloc(report.alloc_id);
    if (!alloc || alloc->server_terminal() || alloc->client_terminal()) continue;
    const state::Ref<model::Job> job = tables.job(alloc->job->job_id());
    const bool failed = report.client_status == model::ClientStatus::failed;
    const bool judged = report.deployment_healthy && !alloc->deployment_id.is_nil() &&
                        (!alloc->deployment_status ||
                         alloc->deployment_status->healthy != report.deployment_healthy);
    if (!job || job->stop || (!failed && !judged)) continue;
    evals.try_emplace(job->job_id(), new_eval(random, *job,
                                              failed ? model::triggered_by::alloc_failure
                                                     : model::triggered_by::deployment_watcher));
  }
  std::vector<model::Evaluation> list;
  for (auto& [job, eval] : evals)
    list.push_back(std::move(eval));
  return list;
}

/// A node that may come back with something is not given up yet.
NodeStatus silent_status(const state::Tables& tables, const base::NodeId& id) {
  const auto waits = [](const state::Ref<model::Allocation>& alloc) {
    const std::optional<model::Disconnect>& policy = alloc->task_group().disconnect;
    return !alloc->terminal() && policy && policy->lost_after > 0s;
  };
  return std::ranges::any_of(tables.allocs_of_node(id), waits) ? NodeStatus::disconnected
                                                               : NodeStatus::down;
}

}  // namespace

Nodes::Nodes(io::World& world, state::Store& store, Proposals& proposals, Watches& watches,
             HeartbeatConfig config, io::Logger log)
    : world_(world),
      store_(store),
      proposals_(proposals),
      watches_(watches),
      config_(config),
      log_(std::move(log)) {}

void Nodes::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  deadlines_.clear();
  const base::Duration deadline = world_.clock.uptime() + config_.ttl + config_.grace;
  store_.snapshot()->nodes.each([&](const base::NodeId& id, const state::Ref<model::Node>& node) {
    if (node->status == NodeStatus::ready) deadlines_[id] = deadline;
  });
  tasks_->spawn(watch_silence());
}

io::Task<void> Nodes::stop() {
  if (tasks_) co_await tasks_->stop();
  deadlines_.clear();
}

io::Task<base::Result<std::string>> Nodes::call(const rpc::Caller&, std::string method,
                                                std::string request) {
  if (!proposals_.is_leader()) co_return base::fail(base::Code::unavailable, "No cluster leader");
  if (method == "Node.Allocs") co_return co_await allocs(std::move(request));
  if (method == "Node.Register") co_return co_await register_node(std::move(request));
  if (method == "Node.Heartbeat") co_return co_await heartbeat(std::move(request));
  if (method == "Node.UpdateAllocs") co_return co_await report(std::move(request));
  if (method == "Node.SetServices") co_return co_await set_services(std::move(request));
  co_return base::fail(base::Code::unsupported,
                       fmt::format("servers do not know the method {}", method));
}

io::Task<base::Status> Nodes::stream(const rpc::Caller&, std::string method, std::string,
                                     io::Stream&) {
  co_return base::fail(base::Code::unsupported,
                       fmt::format("servers do not know the stream {}", method));
}

base::Status Nodes::prove(const base::NodeId& id, const base::Uuid& secret) const {
  const state::Ref<model::Node> node = store_.snapshot()->node(id);
  if (!node) return base::fail(base::Code::not_found, "node is not registered");
  unsigned difference = 0;  // every byte is looked at, so that time tells nothing
  for (std::size_t i = 0; i < secret.bytes.size(); ++i)
    difference |= node->secret_id.bytes[i] ^ secret.bytes[i];
  if (difference != 0) return base::fail(base::Code::denied, "node secret does not match");
  return {};
}

std::string Nodes::beat(const base::NodeId& id) {
  deadlines_[id] = world_.clock.uptime() + config_.ttl + config_.grace;
  wire::NodeHeartbeatReply reply;
  reply.ttl = config_.ttl;
  reply.index = store_.snapshot()->index;
  if (servers_) reply.servers = servers_();
  return wire::encode(reply);
}

io::Task<base::Result<std::string>> Nodes::register_node(std::string request) {
  CO_TRY(wire::NodeRegisterRequest decoded, wire::decode<wire::NodeRegisterRequest>(request));
  const base::NodeId id = decoded.node.id;
  if (id.is_nil()) co_return base::invalid("Node.ID: missing");
  const state::Snapshot before = store_.snapshot();
  const state::Ref<model::Node> old = before->node(id);
  if (old) CO_TRY_VOID(prove(id, decoded.node.secret_id));
  if (!old && introductions_)
    CO_TRY_VOID(introductions_->admit(decoded.node, decoded.introduction));
  wire::RegisterNode command;
  command.node = std::move(decoded.node);
  command.node.status = NodeStatus::ready;
  if (!old || old->status != NodeStatus::ready)
    command.evals = evals_for_node(world_.random, *before, id);
  CO_TRY_VOID(co_await proposals_.propose(std::move(command), consensus::Priority::control));
  log_.info("node registered", {{"node", id.to_short()}});
  co_return beat(id);
}

io::Task<base::Result<std::string>> Nodes::heartbeat(std::string request) {
  CO_TRY(const wire::NodeHeartbeatRequest decoded,
         wire::decode<wire::NodeHeartbeatRequest>(request));
  CO_TRY_VOID(prove(decoded.node_id, decoded.secret_id));
  if (store_.snapshot()->node(decoded.node_id)->status != NodeStatus::ready) {
    // It was given up for lost; its allocations may have moved. It comes back as what it is: ready.
    co_await mark(decoded.node_id, NodeStatus::ready, "Node reregistered by heartbeat");
  }
  co_return beat(decoded.node_id);
}

/// The node has no use for metrics.
wire::EncodedAllocsReply Nodes::answer(const state::Tables& tables,
                                       const wire::NodeAllocsRequest& request) {
  Difference difference = compare(tables, request);
  wire::EncodedAllocsReply reply;
  reply.index = tables.index;
  reply.removed = std::move(difference.removed);
  reply.tell_known = difference.tell_known;
  reply.restored = tables.restored_index;
  std::set<const model::Job*> jobs;
  for (const state::Ref<model::Allocation>& alloc : difference.changed) {
    const wire::LengthHere length(reply.changed);
    wire::encode_bare(reply.changed, *alloc);
    length.write();
    if (jobs.insert(alloc->job.get()).second) wire::put_bytes(reply.jobs, encoded_.of(alloc->job));
  }
  return reply;
}

const std::string& Nodes::EncodedJobs::of(const state::Ref<model::Job>& job) {
  const auto known = jobs_.find(job.get());
  if (known != jobs_.end()) return known->second.bytes;
  if (bytes_ > bytes_max) {
    jobs_.clear();
    bytes_ = 0;
  }
  Entry& entry = jobs_[job.get()];
  entry = {job, wire::encode(*job)};
  bytes_ += entry.bytes.size();
  return entry.bytes;
}

io::Task<base::Result<std::string>> Nodes::allocs(std::string request) {
  CO_TRY(const wire::NodeAllocsRequest decoded, wire::decode<wire::NodeAllocsRequest>(request));
  CO_TRY_VOID(prove(decoded.node_id, decoded.secret_id));
  const base::Duration deadline = world_.clock.uptime() + std::min(decoded.wait, node_wait_max);
  const std::vector<std::string> keys = {state::prefix::allocs_of_node(decoded.node_id)};
  bool is_caught_up = false;
  while (true) {
    const auto nodes = static_cast<std::int64_t>(answered_.size());
    const base::Duration pace = std::min(answer_cost_ * (answer_share * nodes), pace_max);
    const base::Duration early = answered_[decoded.node_id] + pace - world_.clock.uptime();
    if (early > 0s) co_await world_.clock.sleep(early);
    const std::uint64_t ticket = watches_.ticket();
    const base::Duration before = world_.clock.uptime();
    const wire::EncodedAllocsReply reply = answer(*store_.snapshot(), decoded);
    answer_cost_ += (world_.clock.uptime() - before - answer_cost_) / answers_averaged;
    // Who was just elected, or deposed without knowing it, may not have heard of them yet, and what
    // it calls forgotten ends. (Found by ./dev sim --machines --seed 1795398836625.)
    if (!reply.removed.empty() && !std::exchange(is_caught_up, true)) {
      CO_TRY_VOID(co_await proposals_.barrier());
      continue;
    }
    const base::Duration left = deadline - world_.clock.uptime();
    if (reply.says_something(decoded) || left <= 0s) {
      answered_[decoded.node_id] = world_.clock.uptime();
      co_return wire::encode(reply);
    }
    CO_TRY_VOID(co_await watches_.wait(keys, ticket, left));
  }
}

io::Task<base::Result<std::string>> Nodes::report(std::string request) {
  CO_TRY(wire::NodeReportRequest decoded, wire::decode<wire::NodeReportRequest>(request));
  CO_TRY_VOID(prove(decoded.node_id, decoded.secret_id));
  wire::UpdateAllocs command;
  command.node_id = decoded.node_id;
  command.evals = evals_for_reports(world_.random, *store_.snapshot(), decoded.reports);
  command.reports = std::move(decoded.reports);
  command.restored = decoded.restored;
  // A server of before would not look at it.
  if (store_.snapshot()->log_version >= wire::numbered_reports) command.number = decoded.number;
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), consensus::Priority::control));
  if (store_.snapshot()->was_refused(index))
    co_return base::fail(base::Code::unavailable,
                         "another state was restored; what the node reports is of before");
  co_return std::string();
}

io::Task<base::Result<std::string>> Nodes::set_services(std::string request) {
  CO_TRY(wire::NodeServicesRequest decoded, wire::decode<wire::NodeServicesRequest>(request));
  CO_TRY_VOID(prove(decoded.set.node_id, decoded.secret_id));
  CO_TRY_VOID(co_await proposals_.propose(std::move(decoded.set), consensus::Priority::control));
  co_return std::string();
}

io::Task<void> Nodes::mark(base::NodeId id, NodeStatus status, std::string event) {
  wire::UpdateNodeStatus command;
  command.node_id = id;
  command.status = status;
  command.event = std::move(event);
  command.evals = evals_for_node(world_.random, *store_.snapshot(), id);
  const base::Result<std::uint64_t> index =
      co_await proposals_.propose(std::move(command), consensus::Priority::control);
  if (!index)
    log_.warn("cannot change a node's status",
              {{"node", id.to_short()}, {"error", index.error().message}});
}

io::Task<void> Nodes::watch_silence() {
  while (true) {
    co_await world_.clock.sleep(silence_look);
    const base::Duration now = world_.clock.uptime();
    std::vector<base::NodeId> silent;
    for (const auto& [id, deadline] : deadlines_)
      if (deadline <= now) silent.push_back(id);
    for (const base::NodeId& id : silent) {
      deadlines_.erase(id);
      answered_.erase(id);
      log_.warn("node heartbeat missed", {{"node", id.to_short()}});
      const NodeStatus status = silent_status(*store_.snapshot(), id);
      co_await mark(id, status, "Node heartbeat missed");
    }
  }
}

}  // namespace caravan::server
