// SPDX-License-Identifier: Apache-2.0
#include "cluster/founding.hpp"

#include <fmt/core.h>

namespace caravan::cluster {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration look_interval = 200ms;
constexpr base::Duration ask_timeout = 2s;

}  // namespace

FoundingStep next_step(const wire::ServerInfo& self, const std::vector<Member>& members) {
  FoundingStep step;
  std::vector<consensus::ServerId> waiting;
  for (const Member& member : members) {
    if (member.status != MemberStatus::alive || member.info.id == self.id) continue;
    if (!member.info.cluster.is_nil()) {
      step.kind = FoundingStep::Kind::join;
      step.cluster = member.info.cluster;
      return step;
    }
    if (member.info.expect == self.expect) waiting.push_back(member.info.id);
  }
  waiting.push_back(self.id);
  std::ranges::sort(waiting);
  const auto expected = static_cast<std::size_t>(std::max(self.expect, 0));
  if (expected == 0 || waiting.size() < expected || waiting.front() != self.id) return step;
  waiting.resize(expected);
  step.kind = FoundingStep::Kind::found;
  step.voters = std::move(waiting);
  return step;
}

Founding::Founding(io::World& world, std::string data_dir, Identity& identity, Members& members,
                   rpc::Connections& connections, io::Logger log)
    : world_(world),
      data_dir_(std::move(data_dir)),
      identity_(identity),
      members_(members),
      connections_(connections),
      log_(std::move(log)) {}

io::Task<base::Status> Founding::belong_to(base::Uuid cluster,
                                           std::vector<consensus::ServerId> voters) {
  Identity decided = identity_;
  decided.cluster = cluster;
  decided.voters = std::move(voters);
  CO_TRY_VOID(co_await save_identity(world_, data_dir_, decided));
  identity_ = std::move(decided);
  members_.set_cluster(cluster);
  co_return base::Status();
}

io::Task<base::Result<std::vector<consensus::ServerId>>> Founding::settle() {
  while (identity_.cluster.is_nil()) {
    const FoundingStep step = next_step(members_.self(), members_.list());
    if (step.kind == FoundingStep::Kind::join) {
      CO_TRY_VOID(co_await belong_to(step.cluster, {}));
      log_.info("joining a cluster", {{"cluster", step.cluster.to_string()}});
      break;
    }
    if (step.kind == FoundingStep::Kind::found && co_await found(step.voters)) break;
    co_await world_.clock.sleep(look_interval);
  }
  co_return identity_.voters;
}

io::Task<bool> Founding::found(std::vector<consensus::ServerId> voters) {
  if (proposed_.is_nil()) proposed_ = world_.random.uuid();
  const std::string request = wire::encode(wire::ServerFound{proposed_, identity_.id, voters, {}});
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
  const base::Status written = co_await belong_to(proposed_, voters);
  if (!written)
    log_.error("cannot write the identity", {{"error", written.error().message}});
  else
    log_.info("founded a cluster",
              {{"cluster", proposed_.to_string()}, {"servers", std::to_string(voters.size())}});
  co_return written.has_value();
}

io::Task<base::Result<std::string>> Founding::answer(std::string request) {
  CO_TRY(const wire::ServerFound asked, wire::decode<wire::ServerFound>(request));
  if (asked.cluster.is_nil()) co_return base::invalid("Cluster: missing");
  if (identity_.cluster.is_nil() && !proposed_.is_nil() && identity_.id < asked.founder)
    co_return base::fail(base::Code::conflict, "this server is founding a cluster itself");
  if (identity_.cluster.is_nil()) CO_TRY_VOID(co_await belong_to(asked.cluster, {}));
  if (identity_.cluster != asked.cluster)
    co_return base::fail(base::Code::conflict,
                         fmt::format("this server belongs to the cluster {} already",
                                     identity_.cluster.to_string()));
  co_return std::string();
}

}  // namespace caravan::cluster
