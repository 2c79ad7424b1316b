// SPDX-License-Identifier: Apache-2.0
#include "client/client.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/text.hpp"
#include "client/fingerprint.hpp"
#include "io/durable_dirs.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

constexpr base::Duration call_timeout = 10s;
constexpr base::Duration retry_delay =
    250ms;  // after a call that failed; with as much again at random
constexpr base::Duration retry_delay_local = 20ms;  // while the first leader is being elected
constexpr int quick_retries = 50;
constexpr base::Duration allocs_wait = 60s;  // of one question for allocations
/// An engine that went away is known of within 15 s, its time to answer included.
constexpr base::Duration fingerprint_interval = 10s;
/// Beats are sent at this share of the time the servers allow.
constexpr double beat_share = 0.5;
/// Room for the numbers of one life of the agent.
constexpr int reports_per_start_bits = 40;

/// It was stopped because the servers wanted so, and what they remember now is from before that.
bool is_wanted_again(const AllocRunner& runner, const model::Allocation& alloc) {
  return runner.allocation().server_terminal() && !alloc.server_terminal() &&
         !alloc.client_terminal();
}

}  // namespace

Client::Client(io::World& world, ClientConfig config, model::Node node,
               std::map<std::string, std::unique_ptr<driver::Driver>> drivers,
               rpc::Channel& servers, io::Logger log)
    : world_(world),
      config_(std::move(config)),
      node_(std::move(node)),
      drivers_(std::move(drivers)),
      servers_(servers),
      log_(log),
      local_state_(world.disk, config_.state_dir + "/allocs", log.named("state")),
      networks_(world, config_.network, log.named("network")),
      host_{world,
            log.named("alloc"),
            local_state_,
            networks_,
            drivers_,
            node_,
            config_.region,
            config_.alloc_dir,
            config_.kill_timeout_max,
            config_.host_env,
            config_.fetch,
            config_.devices,
            {},
            {},
            {},
            {}},
      identity_(world, node_, servers_, config_.state_dir + "/identity.jwt", log.named("identity")),
      have_news_(world.executor.lane(io::Lane::client)),
      registered_changed_(world.executor.lane(io::Lane::client)),
      tasks_(world.executor.lane(io::Lane::client)) {
  wire_host();
}

Client::~Client() = default;

void Client::wire_host() {
  host_.changed = [this](const base::AllocId& id) {
    news_.insert(id);
    have_news_.notify();
    for (const auto& [other, runner] : allocs_)  // one may wait for this one's end
      if (runner->allocation().previous_allocation == id) runner->changed().notify();
  };
  host_.has_ended = [this](const base::AllocId& id) {
    const auto found = allocs_.find(id);
    return found == allocs_.end() || found->second->is_over();
  };
  host_.in_contact = [this] { return in_contact_; };
  host_.ask = [this](std::string method, std::string request, base::Duration timeout) {
    return servers_.call(std::move(method), std::move(request), timeout);
  };
  host_.set_catalog_share = config_.set_catalog_share;
  host_.foreign_data = config_.foreign_data;
  host_.set_services = [this](wire::SetAllocServices set) -> io::Task<base::Status> {
    wire::NodeServicesRequest request;
    request.secret_id = node_.secret_id;
    request.set = std::move(set);
    std::string bytes = wire::encode(request);
    CO_TRY_VOID(co_await servers_.call("Node.SetServices", std::move(bytes), call_timeout));
    co_return base::Status();
  };
}

AllocRunner* Client::find(const base::AllocId& id) {
  const auto found = allocs_.find(id);
  return found == allocs_.end() ? nullptr : found->second.get();
}

io::Task<base::Status> Client::identify() {
  CO_TRY_VOID(co_await io::make_durable_dirs(world_.disk, config_.state_dir));
  CO_TRY_VOID(world_.disk.make_dirs(config_.state_dir + "/allocs", 0700));
  CO_TRY_VOID(world_.disk.make_dirs(config_.state_dir + "/run", 0700));
  CO_TRY_VOID(world_.disk.make_dirs(config_.alloc_dir, 0711));
  for (const auto& [name, id] : {std::pair<std::string, base::Uuid*>{"client-id", &node_.id},
                                 {"secret-id", &node_.secret_id}}) {
    const std::string path = config_.state_dir + "/" + name;
    const base::Result<std::string> text = world_.disk.read_file(path);
    if (text) {
      CO_TRY(*id, base::Uuid::parse(base::trim(*text)));
    } else {
      *id = world_.random.uuid();
      const std::string fresh = id->to_string();
      CO_TRY_VOID(co_await world_.disk.replace_file(path, fresh, 0600));
    }
  }
  node_.attributes["unique.host_id"] = node_.id.to_string();
  co_return base::Status();
}

/// Reports of this life of the agent have greater numbers than those of the one before.
io::Task<base::Status> Client::count_start() {
  const std::string path = config_.state_dir + "/starts";
  const auto before = base::parse_int(base::trim(world_.disk.read_file(path).value_or("0")));
  const std::uint64_t starts = before && *before > 0 ? static_cast<std::uint64_t>(*before) + 1 : 1;
  report_ = starts << reports_per_start_bits;
  const std::string text = std::to_string(starts);
  co_return co_await world_.disk.replace_file(path, text, 0600);
}

io::Task<base::Status> Client::start() {
  CO_TRY_VOID(co_await identify());
  CO_TRY_VOID(co_await count_start());
  for (StoredAlloc& stored : local_state_.load()) {
    const base::AllocId id = stored.alloc.id;
    allocs_.emplace(id, std::make_unique<AllocRunner>(host_, std::move(stored)));
  }
  std::set<base::AllocId> known;
  for (const auto& [id, runner] : allocs_)
    known.insert(id);
  tasks_.spawn(networks_.remove_orphans(std::move(known)));
  if (!allocs_.empty())
    log_.info("restored allocations", {{"count", std::to_string(allocs_.size())}});
  for (const auto& [id, runner] : allocs_) {
    runner->start();
    news_.insert(id);
  }
  tasks_.spawn(keep_registered());
  tasks_.spawn(watch_allocs());
  tasks_.spawn(send_reports());
  tasks_.spawn(identity_.keep());
  last_heard_ = world_.clock.uptime();
  tasks_.spawn(watch_drivers());
  co_return base::Status();
}

io::Task<void> Client::stop() {
  co_await tasks_.stop();
  for (const auto& [id, runner] : allocs_)
    co_await runner->abandon();
}

io::Task<void> Client::keep_registered() {
  int failures = 0;
  while (true) {
    base::Result<std::string> answer = base::fail(base::Code::internal, "");
    if (!registered_) {
      wire::NodeRegisterRequest request;
      request.node = node_;
      if (config_.introduction) request.introduction = config_.introduction();
      std::string bytes = wire::encode(request);
      answer = co_await servers_.call("Node.Register", std::move(bytes), call_timeout);
    } else {
      wire::NodeHeartbeatRequest request;
      request.node_id = node_.id;
      request.secret_id = node_.secret_id;
      std::string bytes = wire::encode(request);
      answer = co_await servers_.call("Node.Heartbeat", std::move(bytes), call_timeout);
    }
    const auto reply =
        answer ? wire::decode<wire::NodeHeartbeatReply>(*answer) : std::unexpected(answer.error());
    if (!reply) {
      if (reply.error().code == base::Code::not_found) registered_ = false;
      if (++failures == quick_retries)
        log_.warn(reply.error().code == base::Code::denied ? "the servers refuse this node"
                                                           : "the servers cannot be reached",
                  {{"error", reply.error().message}});
      const base::Duration delay =
          failures < quick_retries ? retry_delay_local : world_.random.jitter(retry_delay, 1.0);
      co_await end_unheard();
      co_await world_.clock.sleep(delay);
      continue;
    }
    failures = 0;
    last_heard_ = world_.clock.uptime();
    if (config_.on_servers) config_.on_servers(reply->servers);
    if (!registered_) {
      registered_ = true;
      registered_changed_.notify();
    }
    const auto half =
        static_cast<std::int64_t>(static_cast<double>(reply->ttl.count()) * beat_share);
    // A change of the drivers' health is told at once: watch_drivers clears `registered_` and
    // notifies.
    co_await (world_.clock.sleep(base::Duration(half)) || registered_changed_.wait());
  }
}

/// Ends what its job does not want to go on while the servers are not heard from for so long.
io::Task<void> Client::end_unheard() {
  const base::Duration silence = world_.clock.uptime() - last_heard_;
  std::vector<base::AllocId> due;
  for (const auto& [id, runner] : allocs_) {
    const std::optional<model::Disconnect>& policy = runner->allocation().task_group().disconnect;
    const bool wanted = !runner->is_over() && !runner->allocation().server_terminal();
    if (wanted && policy && policy->stop_on_client_after &&
        silence >= *policy->stop_on_client_after)
      due.push_back(id);
  }
  for (const base::AllocId& id : due) {
    AllocRunner* runner = find(id);
    if (!runner) continue;
    log_.warn("servers not heard from: an allocation ends", {{"alloc", id.to_short()}});
    model::Allocation stopped = runner->allocation();
    stopped.desired_status = model::DesiredStatus::stop;
    stopped.desired_description = "the servers were not heard from";
    co_await runner->update(std::move(stopped));
  }
}

io::Task<void> Client::watch_drivers() {
  while (true) {
    co_await world_.clock.sleep(fingerprint_interval);
    bool changed = false;
    for (const auto& [name, driver] : drivers_) {
      const driver::Fingerprint print = co_await driver->fingerprint();
      const model::DriverInfo& info = node_.drivers[name];
      if (info.healthy == print.healthy && info.detected == print.detected &&
          info.health_description == print.description && info.attributes == print.attributes)
        continue;
      set_driver(node_, name, print, world_.clock.now());
      changed = true;
    }
    auto devices = fingerprint_devices(config_.devices, world_.disk);
    changed = changed || devices != node_.resources.devices;
    node_.resources.devices = std::move(devices);
    if (!changed) continue;
    registered_ = false;
    registered_changed_.notify();
  }
}

io::Task<void> Client::watch_allocs() {
  while (true) {
    while (!registered_)
      co_await registered_changed_.wait();
    wire::NodeAllocsRequest request;
    request.node_id = node_.id;
    request.secret_id = node_.secret_id;
    if (in_contact_)
      request.wait = allocs_wait;  // the first answer comes at once: it says what is still wanted
    request.since = known_since_;
    request.restored = restored_;
    if (known_since_ == 0)
      for (const auto& [id, runner] : allocs_)
        request.known[id.to_string()] = runner->known_index();
    std::string bytes = wire::encode(request);
    const base::Result<std::string> answer =
        co_await servers_.call("Node.Allocs", std::move(bytes), allocs_wait + call_timeout);
    base::Result<wire::NodeAllocsReply> reply =
        answer ? wire::decode_allocs_reply(*answer) : std::unexpected(answer.error());
    if (!reply) {
      known_since_ = 0;
      log_.debug("no answer about allocations", {{"error", reply.error().message}});
      co_await world_.clock.sleep(retry_delay);
      continue;
    }
    const std::uint64_t since = reply->tell_known ? 0 : reply->index;
    const bool taken = co_await apply(*std::move(reply));
    known_since_ = taken ? since : 0;
    if (!taken) co_await world_.clock.sleep(retry_delay);
    if (!in_contact_) {
      in_contact_ = true;
      for (const auto& [id, runner] : allocs_)
        runner->changed().notify();
    }
  }
}

/// False: not all of it was taken in, and is to be told again.
io::Task<bool> Client::apply(wire::NodeAllocsReply reply) {
  bool all = true;
  const bool is_restored = !reply.tell_known && reply.restored != restored_;
  for (model::Allocation& alloc : reply.changed) {
    AllocRunner* runner = find(alloc.id);
    if (runner && !is_restored && runner->known_index() >= alloc.alloc_modify_index) continue;
    if (is_restored && runner && is_wanted_again(*runner, alloc)) {
      all = all && runner->is_over();  // else it is told again, until it is
      if (!runner->is_over()) continue;
      co_await collect(alloc.id);
      runner = nullptr;
    }
    if (!runner && alloc.client_terminal()) continue;  // it was over before it was heard of
    if (runner) {
      co_await runner->update(std::move(alloc));
    } else {
      const bool added = co_await add(std::move(alloc));
      all = all && added;
    }
  }
  for (const base::AllocId& id : reply.removed)
    co_await collect(id);
  if (is_restored && all) {  // what was reported may be forgotten, or be of another time
    restored_ = reply.restored;
    for (const auto& [id, runner] : allocs_)
      news_.insert(id);
    have_news_.notify();
  }
  co_return all;
}

io::Task<bool> Client::add(model::Allocation alloc) {
  const base::AllocId id = alloc.id;
  const base::Status saved = co_await local_state_.save_alloc(alloc);
  if (!saved) {  // what is not written down is not begun: it would be lost with the agent
    log_.error("cannot write an allocation down",
               {{"alloc", id.to_short()}, {"error", saved.error().message}});
    co_return false;
  }
  log_.info("allocation received", {{"alloc", id.to_short()}, {"name", alloc.name()}});
  StoredAlloc fresh{std::move(alloc), {}};
  const auto [entry, added] =
      allocs_.emplace(id, std::make_unique<AllocRunner>(host_, std::move(fresh)));
  entry->second->start();
  co_return true;
}

/// The servers have forgotten it: so may we, once nothing of it runs.
io::Task<void> Client::collect(base::AllocId id) {
  AllocRunner* runner = find(id);
  if (!runner) co_return;
  if (!runner->is_over()) {
    model::Allocation stopped = runner->allocation();
    stopped.desired_status = model::DesiredStatus::stop;
    stopped.desired_description = "the servers no longer know it";
    co_return co_await runner->update(std::move(stopped));
  }
  co_await runner->abandon();
  const std::string folder = runner->dir().path();
  allocs_.erase(id);
  local_state_.forget(id);
  if (const base::Status removed = world_.disk.remove(folder); !removed)
    log_.warn("cannot remove an allocation's folder", {{"error", removed.error().message}});
}

io::Task<void> Client::send_reports() {
  while (true) {
    while (news_.empty() || !registered_)
      co_await (have_news_.wait() || registered_changed_.wait());
    wire::NodeReportRequest request;
    request.node_id = node_.id;
    request.secret_id = node_.secret_id;
    const std::set<base::AllocId> sending = std::exchange(news_, {});
    for (const base::AllocId& id : sending)
      if (const AllocRunner* runner = find(id)) request.reports.push_back(runner->report());
    if (request.reports.empty()) continue;
    request.restored = restored_;
    request.number = ++report_;
    std::string bytes = wire::encode(request);
    // While this is under way, further news gather for the next one: that is all the batching there
    // is.
    const base::Result<std::string> answer =
        co_await servers_.call("Node.UpdateAllocs", std::move(bytes), call_timeout);
    if (answer) continue;
    log_.debug("report not delivered", {{"error", answer.error().message}});
    news_.insert(sending.begin(), sending.end());
    co_await world_.clock.sleep(retry_delay);
  }
}

}  // namespace caravan::client
