// SPDX-License-Identifier: Apache-2.0
#include "server/server.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace caravan::server {
namespace {

using boost::asio::experimental::awaitable_operators::operator||;

/// A new leader that is not caught up yet looks again after this time.
constexpr base::Duration lead_retry{50'000'000};

consensus::ReplicaConfig replica_config(const ServerConfig& config) {
  consensus::ReplicaConfig replica = config.replica;
  replica.data_dir = config.data_dir;
  return replica;
}

}  // namespace

Server::Server(io::World& world, ServerConfig config, consensus::Peers& peers, io::Logger log)
    : world_(world),
      log_(log),
      watches_(world.clock),
      events_(config.events),
      machine_(store_, watches_, events_, config.log_version),
      replica_(world, replica_config(config), machine_, peers, log.named("raft")),
      proposals_(world, replica_, store_),
      log_upgrade_(world, store_, proposals_, config.log_version, config.log_known_by_all,
                   log.named("upgrade")),
      jobs_(world, store_, proposals_, fleets_),
      scaling_(world, store_, proposals_),
      operator_(world, store_, proposals_),
      access_(world, store_, proposals_, config.data_dir, config.access),
      auth_methods_(world, store_, proposals_, config.access),
      deployment_actions_(world, store_, proposals_),
      nodes_(world, store_, proposals_, watches_, config.heartbeat, log.named("nodes")),
      evaluations_(world, store_, proposals_, fleets_, config.schedulers, log.named("evals")),
      deployments_(world, store_, proposals_, log.named("deployments")),
      periodic_(world, store_, proposals_, log.named("periodic")),
      dispatches_(world, store_, proposals_),
      collector_(world, store_, proposals_, config.collector, log.named("gc")),
      keys_(world, store_, proposals_, config.data_dir, config.keys, log.named("keyring")),
      logins_(world, store_, access_, keys_.ring(), log.named("login")),
      backups_(world, store_, proposals_, replica_, keys_),
      variables_(world, store_, proposals_, keys_.ring(), log.named("variables")),
      kv_(store_, proposals_),
      config_entries_(world, store_, proposals_),
      sessions_(world, store_, proposals_, log.named("sessions")),
      user_events_(world, proposals_),
      prepared_queries_(world, store_, proposals_),
      coordinates_(world, store_, proposals_, log.named("coordinates")),
      registrations_(world, store_, proposals_, log.named("catalog")),
      connect_(world, store_, proposals_, keys_.ring(), config.datacenter, log.named("connect")),
      rekeying_(world, store_, proposals_, variables_, connect_, log.named("rekeying")),
      task_data_(world, store_, watches_, variables_, config.access.enabled, config.datacenter),
      identities_(world, store_, keys_.ring(), config.issuer),
      introductions_(world, store_, keys_.ring(), config.issuer, config.introductions,
                     log.named("introductions")),
      node_calls_(nodes_, task_data_, identities_, registrations_, coordinates_, connect_),
      drainer_(world, store_, proposals_, log.named("drain")),
      restarts_(world, store_, proposals_, log.named("restarts")),
      globals_(world, store_, watches_, proposals_, config.access.enabled),
      replication_(world, store_, proposals_, config.replication, log.named("replication")),
      scheduler_defaults_(config.scheduler_defaults),
      autopilot_defaults_(config.autopilot_defaults),
      restored_(world.executor.lane(io::Lane::main)) {
  nodes_.introduce_by(introductions_);
  machine_.on_touched([this](const std::vector<std::string>& keys) {
    if (leading_) evaluations_.on_touched(keys);
  });
  machine_.on_restored([this] {
    begins_anew_ = leading_;
    restored_.notify();
  });
}

Server::~Server() = default;

io::Task<base::Status> Server::start(std::vector<consensus::ServerId> voters) {
  replica_.found_with(std::move(voters));
  co_return co_await start();
}

io::Task<base::Status> Server::start() {
  CO_TRY_VOID(co_await keys_.load());
  const base::Status recovered = co_await replica_.start();
  refused_its_data_ = !recovered && recovered.error().code == base::Code::invalid;
  CO_TRY_VOID(recovered);
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(follow_leadership());
  co_return base::Status();
}

io::Task<void> Server::stop() {
  if (tasks_) co_await tasks_->stop();
  if (leading_) co_await end_leading();
  watches_.touch_all();
  co_await replica_.stop();
}

io::Task<void> Server::follow_leadership() {
  while (true) {
    if (replica_.is_leader() && !leading_)
      co_await begin_leading();
    else if (leading_ && (!replica_.is_leader() || begins_anew_))
      co_await end_leading();
    else
      co_await (replica_.leadership_change() || restored_.wait());
  }
}

io::Task<void> Server::begin_leading() {
  // Only with everything applied that earlier leaders committed may decisions be made.
  const base::Status caught_up = co_await proposals_.barrier();
  if (!caught_up || !replica_.is_leader()) {
    co_await world_.clock.sleep(lead_retry);
    co_return;
  }
  co_await log_upgrade_.look();
  co_await set_defaults();
  begins_anew_ = false;  // of before: nothing was begun
  leading_ = true;
  log_.info("cluster leadership acquired", {{"term", std::to_string(replica_.term())}});
  log_upgrade_.start();
  evaluations_.start();
  nodes_.start();
  deployments_.start();
  periodic_.start();
  collector_.start();
  keys_.start();
  variables_.start();
  sessions_.start();
  coordinates_.start();
  registrations_.start();
  connect_.start();
  rekeying_.start();
  drainer_.start();
  restarts_.start();
  replication_.start();
}

/// Once in the life of a cluster: what operators set afterwards is theirs.
io::Task<void> Server::set_defaults() {
  const state::Snapshot tables = store_.snapshot();
  base::Result<Operator::Written> written;
  if (scheduler_defaults_ && tables->scheduler_config().modify_index == 0)
    written = co_await operator_.set_scheduler(*scheduler_defaults_, 0);
  if (written && autopilot_defaults_ && tables->autopilot_config().modify_index == 0)
    written = co_await operator_.set_autopilot(*autopilot_defaults_, 0);
  if (const base::Status made = co_await access_.bootstrap_as_told(); !made)
    log_.warn("cannot make the first token", {{"error", made.error().message}});
  if (!written)  // the next leader tries again
    log_.warn("cannot set what a new cluster begins with", {{"error", written.error().message}});
}

io::Task<void> Server::end_leading() {
  leading_ = false;
  if (std::exchange(begins_anew_, false))
    log_.info("another state was restored; the work begins anew");
  else
    log_.info(replica_.is_leader() ? "this server stops leading" : "cluster leadership lost");
  co_await log_upgrade_.stop();
  co_await replication_.stop();
  co_await restarts_.stop();
  co_await drainer_.stop();
  co_await rekeying_.stop();
  co_await connect_.stop();
  co_await registrations_.stop();
  co_await coordinates_.stop();
  co_await sessions_.stop();
  co_await variables_.stop();
  co_await keys_.stop();
  co_await collector_.stop();
  co_await periodic_.stop();
  co_await deployments_.stop();
  co_await nodes_.stop();
  co_await evaluations_.stop();
}

}  // namespace caravan::server
