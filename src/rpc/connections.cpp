// SPDX-License-Identifier: Apache-2.0
#include "rpc/connections.hpp"

#include "rpc/http2_channel.hpp"

namespace caravan::rpc {
namespace {

constexpr base::Duration dial_timeout{3'000'000'000};

}  // namespace

struct Connections::One {
  explicit One(boost::asio::any_io_executor lane) : changed(std::move(lane)) {}
  std::shared_ptr<Channel> channel;
  std::shared_ptr<Http2> connection;
  std::optional<base::Error> failed;  // dialing did
  io::Event changed;
};

struct Connections::Inside : std::enable_shared_from_this<Connections::Inside> {
  Inside(io::World& world, Transport& transport, boost::asio::any_io_executor lane)
      : world(world), transport(transport), lane(lane), tasks(lane) {}

  /// Lives as long as the connection.
  static io::Task<void> keep(std::shared_ptr<Inside> self, Whom whom, std::shared_ptr<One> one) {
    base::Result<Link> link =
        co_await self->transport.dial(self->world, whom, Purpose::up, dial_timeout);
    if (link) {
      one->connection = std::make_shared<Http2>(self->lane, self->world.clock,
                                                std::move(link->stream), Http2::Side::asks, true);
      one->channel = make_http2_channel(one->connection);
      one->changed.notify();
      (void)co_await one->connection->run();
    } else {
      one->failed = link.error();
      one->changed.notify();
    }
    const auto found = self->known.find(whom);
    if (found != self->known.end() && found->second == one) self->known.erase(found);
  }

  std::shared_ptr<One> get(const Whom& whom) {
    std::shared_ptr<One>& one = known[whom];
    if (!one || (one->connection && one->connection->is_over())) {
      one = std::make_shared<One>(lane);
      tasks.spawn(keep(shared_from_this(), whom, one));
    }
    return one;
  }

  io::World& world;
  Transport& transport;
  boost::asio::any_io_executor lane;
  io::TaskGroup tasks;
  std::map<Whom, std::shared_ptr<One>> known;
};

Connections::Connections(io::World& world, Transport& transport, boost::asio::any_io_executor lane)
    : inside_(std::make_shared<Inside>(world, transport, lane)) {}

Connections::~Connections() = default;

io::Task<base::Result<std::string>> Connections::call(Whom whom, std::string method,
                                                      std::string request, base::Duration timeout) {
  const auto inside = inside_;
  const std::shared_ptr<One> one = inside->get(whom);
  while (!one->channel && !one->failed)
    co_await one->changed.wait();
  if (one->failed) co_return std::unexpected(*one->failed);
  const std::shared_ptr<Channel> channel = one->channel;
  co_return co_await channel->call(std::move(method), std::move(request), timeout);
}

io::Task<void> Connections::stop() {
  const auto inside = inside_;
  for (const auto& [whom, one] : inside->known)
    if (one->connection) one->connection->close();
  co_await inside->tasks.stop();
}

}  // namespace caravan::rpc
