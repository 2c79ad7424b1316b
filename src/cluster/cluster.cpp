// SPDX-License-Identifier: Apache-2.0
#include "cluster/cluster.hpp"

#include <set>

#include <fmt/core.h>

namespace caravan::cluster {
namespace {

constexpr base::Duration view_age_max{100'000'000};

wire::ServerInfo with_identity(wire::ServerInfo self, const Identity& identity) {
  self.id = identity.id;
  self.cluster = identity.cluster;
  return self;
}

}  // namespace

Cluster::Cluster(io::World& world, rpc::Transport& transport, ClusterConfig config,
                 Identity identity, gossip::KeyRing keys, io::Logger log)
    : world_(world),
      identity_(std::move(identity)),
      config_(std::move(config)),
      log_(log),
      connections_(world, transport, world.executor.lane(io::Lane::main)),
      keys_(world, key_ring_path(config_.data_dir), std::move(keys), log.named("gossip")),
      members_(world, connections_, with_identity(config_.self, identity_), config_.join,
               config_.gossip, keys_, log.named("members")),
      peers_(world, transport, members_, log.named("peers")),
      founding_(world, config_.data_dir, identity_, members_, connections_, log.named("founding")),
      tasks_(world.executor.lane(io::Lane::main)) {
  publish();
}

void Cluster::attach(consensus::Replica& replica) {
  replica_ = &replica;
  peers_.attach(replica);
  autopilot_ = std::make_unique<Autopilot>(world_, members_, connections_, replica,
                                           config_.autopilot, log_.named("autopilot"));
  autopilot_->start();
  tasks_.spawn(publish_on_leadership());
}

void Cluster::start() {
  members_.start();
  tasks_.spawn(publish_on_members());
  tasks_.spawn(publish_often());
}

io::Task<base::Status> Cluster::open(io::Datagrams& datagrams) {
  if (!config_.gossip.listen) co_return base::Status();
  co_return co_await members_.open(datagrams, *config_.gossip.listen);
}

io::Task<void> Cluster::stop() {
  co_await tasks_.stop();
  if (autopilot_) co_await autopilot_->stop();
  co_await members_.stop();
  co_await peers_.stop();
  co_await connections_.stop();
}

io::Task<base::Result<std::string>> Cluster::call(std::string method, std::string request,
                                                  bool is_foreign) {
  if (method == "Gossip.Challenge") co_return keys_.draw_challenge();
  if (method == "Gossip.Keys") co_return co_await keys_.answer(std::move(request));
  if (method.starts_with("Gossip.")) co_return members_.answer(method, request, is_foreign);
  if (method == "Server.Found") co_return co_await founding_.answer(std::move(request));
  if (method == "Server.Status") {
    wire::ServerStatus status;
    status.cluster = identity_.cluster;
    if (replica_) {
      status.term = replica_->term();
      status.leader = replica_->leader();
      status.last_index = replica_->commit_index();
      status.applied = replica_->applied();
      status.slow_disk = replica_->has_slow_disk();
    }
    co_return wire::encode(status);
  }
  co_return base::fail(base::Code::unsupported,
                       fmt::format("servers do not know the method {}", method));
}

std::shared_ptr<const View> Cluster::view() const {
  const std::scoped_lock lock(view_mutex_);
  return view_;
}

void Cluster::publish() {
  auto fresh = std::make_shared<View>();
  fresh->members = members_.list();
  fresh->region = members_.self().region;
  fresh->self = identity_.id;
  fresh->encrypted = !keys_.ring().empty();
  fresh->health = members_.health();
  if (replica_) {
    fresh->conf = replica_->members();
    fresh->leader = replica_->leader();
    fresh->leads = replica_->is_leader();
    fresh->last_contact = replica_->last_contact();
  }
  const std::scoped_lock lock(view_mutex_);
  view_ = std::move(fresh);
}

io::Task<void> Cluster::publish_on_leadership() {
  while (true) {
    publish();
    co_await replica_->leadership_change();
  }
}

io::Task<void> Cluster::publish_on_members() {
  while (true) {
    publish();
    co_await members_.changed().wait();
  }
}

io::Task<void> Cluster::publish_often() {
  while (true) {
    co_await world_.clock.sleep(view_age_max);
    publish();
  }
}

std::optional<io::Address> Cluster::leader_address() const {
  const consensus::ServerId leader = replica_ ? replica_->leader() : 0;
  if (leader == 0 || leader == identity_.id) return {};
  const Member* member = members_.find(leader);
  if (!member) return {};
  return member->rpc;
}

io::Task<base::Result<std::string>> Cluster::ask_leader(std::string method, std::string request,
                                                        base::Duration timeout) {
  const std::optional<io::Address> leader = leader_address();
  if (!leader) co_return base::fail(base::Code::unavailable, "No cluster leader");
  co_return co_await connections_.call(*leader, std::move(method), std::move(request), timeout);
}

io::Task<base::Result<std::string>> Cluster::ask_region(std::string region, std::string method,
                                                        std::string request,
                                                        base::Duration timeout) {
  base::Error last{base::Code::unavailable, no_path_to_region};
  for (const io::Address& server : view()->living_in(region)) {
    auto answer =
        co_await connections_.call({server, region}, std::string(method), request, timeout);
    // Of those there are others who may know better: it cannot be reached, or has no leader.
    if (answer || answer.error().code != base::Code::unavailable) co_return answer;
    last = answer.error();
  }
  co_return std::unexpected(last);
}

std::vector<io::Address> View::living_in(std::string_view wanted) const {
  std::vector<io::Address> all;
  for (const Member& member : members)
    if (member.info.id != self && member.info.region == wanted &&
        member.status == MemberStatus::alive)
      all.push_back(member.rpc);
  return all;
}

std::vector<std::string> View::regions() const {
  std::set<std::string> all{region};
  for (const Member& member : members)
    if (member.status != MemberStatus::left) all.insert(member.info.region);
  return {all.begin(), all.end()};
}

}  // namespace caravan::cluster
