// SPDX-License-Identifier: Apache-2.0
#include "rpc/uplink.hpp"

#include <mutex>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "rpc/http2_channel.hpp"

namespace caravan::rpc {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr base::Duration dial_timeout = 2s;
// Between two servers that were tried; half as much again by chance, so that nodes come apart.
constexpr base::Duration retry = 200ms;
constexpr base::Duration connection_patience = 10s;
/// A server that has no leader for longer than an election takes may be cut off from the others.
constexpr base::Duration leaderless_max = 3s;

}  // namespace

struct Uplink::Inside : std::enable_shared_from_this<Uplink::Inside> {
  Inside(io::World& world, Transport& transport, boost::asio::any_io_executor lane,
         std::vector<io::Address> servers, io::Logger log)
      : world(world),
        transport(transport),
        lane(lane),
        configured(std::move(servers)),
        log(std::move(log)),
        tasks(lane),
        connected(lane) {}

  /// All that may be tried, each once, the learned ones first.
  std::vector<io::Address> candidates() const {
    const std::scoped_lock lock(mutex);
    std::vector<io::Address> all = learned;
    for (const io::Address& address : configured)
      if (std::ranges::find(all, address) == all.end()) all.push_back(address);
    return all;
  }

  static io::Task<void> keep(std::shared_ptr<Inside> self, Service* service) {
    std::size_t next = self->world.random.below(1024);
    while (true) {
      const std::vector<io::Address> all = self->candidates();
      if (!all.empty()) {
        const io::Address address = all[next++ % all.size()];
        const base::Error ended = co_await serve(self, service, address);
        self->log.warn("no connection to this server; trying the next one",
                       {{"server", address.to_string()}, {"error", ended.message}});
      }
      co_await self->world.clock.sleep(self->world.random.jitter(retry, 0.5));
    }
  }

  /// One server, until either of the two connections ends.
  static io::Task<base::Error> serve(std::shared_ptr<Inside> self, Service* service,
                                     io::Address address) {
    base::Result<Link> up =
        co_await self->transport.dial(self->world, address, Purpose::up, dial_timeout);
    if (!up) co_return up.error();
    std::optional<Link> down;
    if (service) {
      auto dialed =
          co_await self->transport.dial(self->world, address, Purpose::down, dial_timeout);
      if (!dialed) co_return dialed.error();
      down = *std::move(dialed);
    }
    const auto make = [&](std::unique_ptr<io::Stream> stream, Http2::Side side) {
      return std::make_shared<Http2>(self->lane, self->world.clock, std::move(stream), side, true);
    };
    const auto asking = make(std::move(up->stream), Http2::Side::asks);
    const auto served = std::make_shared<Served>(self->lane);
    struct Gone {
      Inside& self;
      ~Gone() {
        self.connection.reset();
        self.channel.reset();
        self.set_server({});
      }
    } const gone{*self};
    self->connection = asking;
    self->channel = make_http2_channel(asking);
    self->set_server(address);
    self->leaderless_since.reset();
    self->connected.notify();
    self->log.info("connected to a server", {{"server", address.to_string()}});
    const Caller caller{.is_server = true, .node_id = {}};
    if (!service) co_return co_await asking->run();
    const auto answering = make(std::move(down->stream), Http2::Side::answers);
    auto why = co_await (asking->run() || answer(answering, *service, self->lane, served, caller));
    co_return std::visit([](base::Error& error) { return std::move(error); }, why);
  }

  void set_server(std::optional<io::Address> address) {
    const std::scoped_lock lock(mutex);
    server = std::move(address);
  }

  static io::Task<void> wait_connected(std::shared_ptr<Inside> self) {
    while (!self->channel)
      co_await self->connected.wait();
  }

  static io::Task<base::Result<std::shared_ptr<Channel>>> get(std::shared_ptr<Inside> self,
                                                              base::Duration timeout) {
    if (!self->channel)
      (void)co_await (wait_connected(self) ||
                      self->world.clock.sleep(std::min(timeout, connection_patience)));
    if (!self->channel) co_return base::fail(base::Code::unavailable, "no server can be reached");
    co_return self->channel;
  }

  static io::Task<base::Result<std::string>> call(std::shared_ptr<Inside> self, std::string method,
                                                  std::string request, base::Duration timeout) {
    CO_TRY(const std::shared_ptr<Channel> channel, co_await get(self, timeout));
    base::Result<std::string> answer =
        co_await channel->call(std::move(method), std::move(request), timeout);
    if (answer || answer.error().code != base::Code::unavailable)
      self->leaderless_since.reset();
    else if (!self->leaderless_since)
      self->leaderless_since = self->world.clock.uptime();
    else if (self->world.clock.uptime() - *self->leaderless_since > leaderless_max &&
             self->connection)
      self->connection->close();
    co_return answer;
  }

  static io::Task<void> stop(std::shared_ptr<Inside> self) { co_await self->tasks.stop(); }

  io::World& world;
  Transport& transport;
  boost::asio::any_io_executor lane;
  const std::vector<io::Address> configured;
  mutable std::mutex mutex;  // of the next two
  std::vector<io::Address> learned;
  std::optional<io::Address> server;
  io::Logger log;
  io::TaskGroup tasks;
  io::Event connected;
  std::shared_ptr<Http2> connection;
  std::shared_ptr<Channel> channel;
  std::optional<base::Duration> leaderless_since;
};

Uplink::Uplink(io::World& world, Transport& transport, boost::asio::any_io_executor lane,
               std::vector<io::Address> servers, io::Logger log)
    : inside_(
          std::make_shared<Inside>(world, transport, lane, std::move(servers), std::move(log))) {}

Uplink::~Uplink() = default;

void Uplink::start(Service& service) { inside_->tasks.spawn(Inside::keep(inside_, &service)); }
void Uplink::start() { inside_->tasks.spawn(Inside::keep(inside_, nullptr)); }

void Uplink::learn(std::vector<io::Address> servers) {
  const std::scoped_lock lock(inside_->mutex);
  inside_->learned = std::move(servers);
}

std::vector<io::Address> Uplink::servers() const {
  std::vector<io::Address> all = inside_->candidates();
  const std::scoped_lock lock(inside_->mutex);
  if (inside_->server) {
    std::erase(all, *inside_->server);
    all.insert(all.begin(), *inside_->server);
  }
  return all;
}

io::Task<base::Result<std::string>> Uplink::call(std::string method, std::string request,
                                                 base::Duration timeout) {
  co_return co_await Inside::call(inside_, std::move(method), std::move(request), timeout);
}

io::Task<base::Result<std::unique_ptr<io::Stream>>> Uplink::open(std::string method,
                                                                 std::string head) {
  const auto inside = inside_;
  CO_TRY(const std::shared_ptr<Channel> channel, co_await Inside::get(inside, connection_patience));
  co_return co_await channel->open(std::move(method), std::move(head));
}

io::Task<void> Uplink::stop() { co_await io::on(inside_->lane, Inside::stop(inside_)); }

}  // namespace caravan::rpc
