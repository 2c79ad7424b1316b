// SPDX-License-Identifier: Apache-2.0
#include "cluster/founding.hpp"

#include <fmt/core.h>

namespace caravan::cluster {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration found_interval = 200ms;
constexpr base::Duration ask_timeout = 2s;

}  // namespace

FoundingStep next_step(const wire::ServerInfo& self, const base::Uuid& proposed,
                       const std::vector<Member>& members) {
  FoundingStep step;
  std::vector<consensus::ServerId> willing{self.id};
  bool agreed = false;  // somebody belongs to the proposed cluster, and waits for its founder
  for (const Member& member : members) {
    const base::Uuid& cluster = member.info.cluster;
    if (member.status != MemberStatus::alive || member.info.id == self.id) continue;
    if (!cluster.is_nil() && cluster != proposed) {
      step.kind = FoundingStep::Kind::join;
      step.cluster = cluster;
      step.at = member.rpc;
      return step;
    }
    agreed = agreed || !cluster.is_nil();
    if (member.info.expect == self.expect) willing.push_back(member.info.id);
  }
  std::ranges::sort(willing);
  const auto expected = static_cast<std::size_t>(std::max(self.expect, 0));
  if (expected == 0 || willing.size() < expected) return step;
  willing.resize(expected);
  const bool is_among = std::ranges::find(willing, self.id) != willing.end();
  if (willing.front() != self.id && !(agreed && is_among)) return step;
  step.kind = FoundingStep::Kind::found;
  step.voters = std::move(willing);
  return step;
}

Founding::Founding(io::World& world, std::string data_dir, Identity& identity, Members& members,
                   rpc::Connections& connections, io::Logger log)
    : world_(world),
      data_dir_(std::move(data_dir)),
      identity_(identity),
      members_(members),
      connections_(connections),
      log_(std::move(log)),
      written_(world.executor.lane(io::Lane::main)) {}

/// One decision at a time. Once it belongs to a cluster nothing is decided any more.
io::Task<base::Status> Founding::write(Identity decided) {
  while (writing_)
    co_await written_.wait();
  if (!identity_.cluster.is_nil()) co_return base::Status();
  struct Writing {
    Founding& self;
    ~Writing() {
      self.writing_ = false;
      self.written_.notify();
    }
  } const writing{*this};
  writing_ = true;
  CO_TRY_VOID(co_await save_identity(world_, data_dir_, decided));
  identity_ = std::move(decided);
  members_.set_cluster(identity_.cluster);
  co_return base::Status();
}

io::Task<base::Status> Founding::belong_to(base::Uuid cluster,
                                           std::vector<consensus::ServerId> voters) {
  Identity decided = identity_;
  decided.cluster = cluster;
  decided.proposed = base::Uuid();
  decided.voters = std::move(voters);
  co_return co_await write(std::move(decided));
}

io::Task<base::Result<std::vector<consensus::ServerId>>> Founding::settle() {
  while (identity_.cluster.is_nil()) {
    const FoundingStep step = next_step(members_.self(), identity_.proposed, members_.list_ours());
    if (step.kind == FoundingStep::Kind::join && co_await is_there(step)) {
      CO_TRY_VOID(co_await belong_to(step.cluster, {}));
      log_.info("joining a cluster", {{"cluster", step.cluster.to_string()}});
      break;
    }
    if (step.kind == FoundingStep::Kind::found && co_await found(step.voters)) break;
    co_await world_.clock.sleep(found_interval);
  }
  co_return identity_.voters;
}

io::Task<bool> Founding::is_there(FoundingStep step) {
  const auto answer = co_await connections_.call(step.at, "Server.Status", "", ask_timeout);
  const auto status = answer ? wire::decode<wire::ServerStatus>(*answer)
                             : base::Result<wire::ServerStatus>(std::unexpected(answer.error()));
  const std::string why = status ? "" : status.error().message;
  if (!why.empty() && why != refusal_)  // once for each reason
    log_.warn("a cluster was found that cannot be joined yet",
              {{"address", step.at.to_string()}, {"error", why}});
  refusal_ = why;
  co_return status && status->cluster == step.cluster;
}

/// Written down before anybody hears of it: those who agree belong to that cluster for ever.
io::Task<base::Status> Founding::propose() {
  if (!identity_.proposed.is_nil()) co_return base::Status();
  Identity decided = identity_;
  decided.proposed = world_.random.uuid();
  co_return co_await write(std::move(decided));
}

io::Task<bool> Founding::found(std::vector<consensus::ServerId> voters) {
  if (const base::Status proposed = co_await propose(); !proposed) {
    log_.error("cannot write the identity", {{"error", proposed.error().message}});
    co_return false;
  }
  if (!identity_.cluster.is_nil()) co_return true;
  const base::Uuid cluster = identity_.proposed;
  const std::string request = wire::encode(wire::ServerFound{cluster, identity_.id, voters, {}});
  for (const consensus::ServerId voter : voters) {
    if (voter == identity_.id) continue;
    const Member* member = members_.find(voter);
    if (!member) co_return false;
    const auto agreed =
        co_await connections_.call(member->rpc, "Server.Found", request, ask_timeout);
    if (agreed) continue;
    log_.warn("a server does not agree to this cluster yet", {{"error", agreed.error().message}});
    co_return false;
  }
  // Whoever was asked meanwhile to belong to another cluster has agreed to that one.
  if (!identity_.cluster.is_nil()) co_return true;
  const base::Status written = co_await belong_to(cluster, voters);
  if (!written)
    log_.error("cannot write the identity", {{"error", written.error().message}});
  else if (identity_.cluster == cluster)
    log_.info("founded a cluster",
              {{"cluster", cluster.to_string()}, {"servers", std::to_string(voters.size())}});
  co_return written.has_value();
}

io::Task<base::Result<std::string>> Founding::answer(std::string request) {
  CO_TRY(const wire::ServerFound asked, wire::decode<wire::ServerFound>(request));
  if (asked.cluster.is_nil()) co_return base::invalid("Cluster: missing");
  if (identity_.cluster.is_nil() && !identity_.proposed.is_nil() && identity_.id < asked.founder)
    co_return base::fail(base::Code::conflict, "this server is founding a cluster itself");
  if (identity_.cluster.is_nil()) CO_TRY_VOID(co_await belong_to(asked.cluster, {}));
  if (identity_.cluster != asked.cluster)
    co_return base::fail(base::Code::conflict,
                         fmt::format("this server belongs to the cluster {} already",
                                     identity_.cluster.to_string()));
  co_return std::string();
}

}  // namespace caravan::cluster
