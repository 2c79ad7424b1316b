// SPDX-License-Identifier: Apache-2.0
#include "agent/server_part.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "agent/leader_log.hpp"
#include "cluster/datacenters.hpp"
#include "rpc/http2_channel.hpp"

namespace caravan::agent {
namespace {

constexpr base::Duration hand_over_patience{1'000'000'000};
constexpr base::Duration hand_over_look{5'000'000};

using boost::asio::experimental::awaitable_operators::operator||;

io::Task<base::Error> wait_failed(io::Event& event, const std::optional<base::Error>& failed) {
  while (!failed)
    co_await event.wait();
  co_return *failed;
}

std::vector<std::string> addresses_of(const cluster::View& view) {
  std::vector<std::string> all;
  for (const cluster::Member& member : view.members)
    if (member.status == cluster::MemberStatus::alive && view.is_ours(member))
      all.push_back(member.info.rpc_address);
  return all;
}

std::vector<std::string> hosts_of(const cluster::View& view) {
  std::vector<std::string> all;
  for (const cluster::Member& member : view.members)
    if (member.status == cluster::MemberStatus::alive && view.is_ours(member))
      all.push_back(member.rpc.host);
  return all;
}

}  // namespace

ServerPart::ServerPart(io::World& world, io::Datagrams& datagrams, rpc::Transport& transport,
                       ServerPartConfig config, http::Handler handler, io::Logger log)
    : world_(world),
      datagrams_(datagrams),
      transport_(transport),
      config_(std::move(config)),
      handler_(std::move(handler)),
      log_(std::move(log)),
      tasks_(std::make_unique<io::TaskGroup>(world.executor.lane(io::Lane::main))),
      failing_(std::make_unique<io::Event>(world.executor.lane(io::Lane::main))) {}

ServerPart::~ServerPart() = default;

io::Task<base::Status> ServerPart::start() {
  CO_TRY_VOID(cluster::fits_packet(config_.cluster.self));
  CO_TRY(cluster::Identity identity,
         co_await cluster::load_identity(world_, config_.server.data_dir));
  config_.server.replica.id = identity.id;
  config_.cluster.data_dir = config_.server.data_dir;
  config_.cluster.autopilot.rules_now = [this] { return autopilot_rules(); };
  config_.cluster.autopilot.log_version = [this] {
    return server_->log_version_needed();
  };
  config_.cluster.self.log_version = config_.server.log_version;
  config_.server.replication.ask = [this](std::string method, std::string request,
                                          base::Duration timeout) {
    return cluster_->ask_region(config_.server.replication.authority, std::move(method),
                                std::move(request), timeout);
  };
  config_.server.log_known_by_all = [this]() -> std::optional<wire::LogVersion> {
    if (cluster_->autopilot() && cluster_->autopilot()->is_changing()) return {};
    return cluster::known_by_all(server_->replica().members(), cluster_->members().list());
  };
  CO_TRY(gossip::KeyRing keys,
         co_await gossip::load_key_ring(world_, cluster::key_ring_path(config_.server.data_dir),
                                        config_.cluster.gossip.encrypt, log_.named("gossip")));
  cluster_ =
      std::make_unique<cluster::Cluster>(world_, transport_, config_.cluster, std::move(identity),
                                         std::move(keys), log_.named("cluster"));
  server_ = std::make_unique<server::Server>(world_, config_.server, cluster_->peers(), log_);
  newcomers_ = std::make_unique<server::Newcomers>(
      world_,
      server::NewcomersConfig{config_.server.data_dir, config_.cluster.self.region,
                              config_.cluster.self.datacenter, [this] { return gossip_key(); }},
      [this] { return hosts_of(*cluster_->view()); });
  service_ = std::make_unique<server::ServerService>(*server_, *cluster_, *newcomers_);
  links_ = std::make_unique<server::NodeLinks>(world_, server_->store(), log_.named("nodes"));
  operations_ = std::make_unique<cluster::Operations>(world_, *cluster_, server_->replica());
  silent_agents_ = std::make_unique<server::SilentAgents>(
      world_, server_->store(), server_->registrations(),
      [&replica = server_->replica()] { return replica.is_leader(); }, config_.silent_agents_kept,
      log_.named("catalog"));
  silent_agents_->start();
  server_->nodes().tell_servers([this] { return addresses_of(*cluster_->view()); });
  cluster_->start();
  tasks_->spawn(tell_leadership(world_, *server_, *cluster_));
  if (config_.is_alone) {
    CO_TRY_VOID(co_await take_part());
  } else {
    tasks_->spawn(take_part_later());
  }
  co_return base::Status();
}

model::AutopilotConfig ServerPart::autopilot_rules() const {
  const model::AutopilotConfig set = server_->store().snapshot()->autopilot_config();
  return set.modify_index > 0 ? set : config_.cluster.autopilot.rules;
}

std::string ServerPart::gossip_key() const {
  const auto text = world_.disk.read_file(cluster::key_ring_path(config_.server.data_dir));
  const auto ring = text ? gossip::KeyRing::parse(*text) : base::Result<gossip::KeyRing>();
  return ring ? ring->primary() : "";
}

io::Task<base::Status> ServerPart::open_doors() {
  if (config_.listen.empty()) co_return base::Status();
  const auto lane = world_.executor.front(world_.executor.fronts() - 1);
  served_ = std::make_shared<rpc::Served>(world_.executor.lane(io::Lane::main));
  listener_ = std::make_unique<rpc::Listener>(world_, transport_, lane, doors(), log_.named("rpc"));
  for (const io::Address& address : config_.listen)
    CO_TRY_VOID(co_await listener_->start(address));
  co_return co_await cluster_->open(datagrams_);
}

std::map<rpc::Purpose, rpc::Door> ServerPart::doors() {
  const auto asked = [this](rpc::Link link) -> io::Task<void> {
    const auto lane = co_await boost::asio::this_coro::executor;
    const auto connection = std::make_shared<rpc::Http2>(lane, world_.clock, std::move(link.stream),
                                                         rpc::Http2::Side::answers, false);
    const rpc::Caller caller{link.peer.is_server, {}, link.peer.is_foreign};
    (void)co_await rpc::answer(connection, *service_, world_.executor.lane(io::Lane::main), served_,
                               caller);
  };
  const auto node = [this](rpc::Link link) { return links_->serve(std::move(link)); };
  const auto log = [this](rpc::Link link) { return cluster_->receive(std::move(link)); };
  const auto page = [this](rpc::Link link) -> io::Task<void> {
    co_await http::serve(world_.clock, std::move(link.stream), http::Limits{}, handler_, log_);
  };
  return {{rpc::Purpose::up, asked},
          {rpc::Purpose::down, node},
          {rpc::Purpose::raft, log},
          {rpc::Purpose::snapshot, log},
          {rpc::Purpose::http, page}};
}

io::Task<base::Status> ServerPart::take_part() {
  CO_TRY(std::vector<consensus::ServerId> voters, co_await cluster_->founding().settle());
  if (voters.empty())
    CO_TRY_VOID(co_await server::fetch_secrets(world_, *cluster_, config_.server.data_dir,
                                               config_.server.keys.guards, log_));
  cluster_->attach(server_->replica());
  const base::Status started = co_await server_->start(std::move(voters));
  if (!started && server_->refused_its_data() && !config_.is_alone)
    co_return co_await set_aside(started.error());
  co_return started;
}

// With a shortened log it could vote for what it has forgotten; with another number and no log it
// is a learner until it has everything again. It belongs to its cluster still, so it can found
// none.
io::Task<base::Status> ServerPart::set_aside(base::Error why) {
  const std::string& folder = config_.server.data_dir;
  const std::string aside =
      fmt::format("{}/damaged-{}", folder, world_.clock.now().unix_ns / 1'000'000'000);
  cluster::Identity fresh;
  fresh.id = cluster::draw_server_id(world_.random);
  fresh.cluster = cluster_->identity().cluster;
  CO_TRY_VOID(world_.disk.make_dirs(aside, 0700));
  CO_TRY_VOID(co_await cluster::save_identity(world_, aside, cluster_->identity()));
  // First: with the old number and without its log it must not come back.
  CO_TRY_VOID(co_await cluster::save_identity(world_, folder, fresh));
  for (const char* part : {"log", "snapshots"})
    if (world_.disk.exists(folder + "/" + part))
      CO_TRY_VOID(world_.disk.rename(folder + "/" + part, aside + "/" + part));
  CO_TRY_VOID(co_await world_.disk.sync_dir(folder));
  co_return base::fail(
      why.code, fmt::format("{}. What is there was put into {}: start the agent again, and this "
                            "server learns everything anew from the others",
                            why.message, aside));
}

io::Task<void> ServerPart::take_part_later() {
  const base::Status taken = co_await take_part();
  if (taken) co_return;
  failed_ = taken.error();
  failing_->notify();
}

io::Task<base::Error> ServerPart::failure() {
  auto why = co_await (server_->failure() || wait_failed(*failing_, failed_));
  co_return std::visit([](base::Error& error) { return std::move(error); }, why);
}

io::Task<void> ServerPart::hand_over() {
  const consensus::Replica& replica = server_->replica();
  if (!replica.is_leader() || replica.members().voters.size() < 2) co_return;
  const auto chosen = co_await operations_->transfer("", "");
  const base::Duration deadline = world_.clock.uptime() + hand_over_patience;
  while (chosen && replica.is_leader() && world_.clock.uptime() < deadline)
    co_await world_.clock.sleep(hand_over_look);
}

io::Task<void> ServerPart::stop() {
  co_await tasks_->stop();
  if (silent_agents_) co_await silent_agents_->stop();
  if (listener_) co_await listener_->stop();
  if (served_) co_await served_->stop();
  co_await cluster_->stop();
  co_await server_->stop();
}

io::Task<base::Status> ServerPart::barrier() {
  if (world_.clock.uptime() < server_->replica().lease_until()) co_return base::Status();
  co_return co_await server_->proposals().barrier();
}

std::shared_ptr<const api::Whereabouts> ServerPart::whereabouts() const {
  const std::shared_ptr<const cluster::View> view = cluster_->view();
  auto at = std::make_shared<api::Whereabouts>();
  at->has_state = true;
  at->leads = view->leads;
  at->last_contact_ms = static_cast<std::uint64_t>(view->last_contact.count() / 1'000'000);
  for (const cluster::Member& member : view->members) {
    if (member.info.id == view->self) continue;
    if (member.info.id == view->leader) at->leader = member.rpc;
    if (member.status != cluster::MemberStatus::alive) continue;
    (view->is_ours(member) ? at->servers : at->abroad[member.info.region]).push_back(member.rpc);
  }
  for (const std::string& datacenter : cluster::other_datacenters(*view))
    if (const auto servers = cluster::servers_in(*view, datacenter); !servers.empty())
      at->region_of[datacenter] = servers.front().region;
  return at;
}

}  // namespace caravan::agent
