// SPDX-License-Identifier: Apache-2.0
#include "rpc/listener.hpp"

#include <boost/asio/post.hpp>

#include "io/task.hpp"

namespace caravan::rpc {
namespace {

constexpr base::Duration accept_retry{100'000'000};
constexpr base::Duration handshake_patience{5'000'000'000};

}  // namespace

struct Listener::Inside : std::enable_shared_from_this<Listener::Inside> {
  Inside(io::World& world, Transport& transport, boost::asio::any_io_executor lane,
         std::map<Purpose, Door> doors, io::Logger log)
      : world(world),
        transport(transport),
        lane(lane),
        doors(std::move(doors)),
        log(std::move(log)),
        tasks(lane) {}

  static io::Task<base::Status> listen(std::shared_ptr<Inside> self, io::Address address) {
    CO_TRY(auto listener, co_await self->world.network.listen(std::move(address)));
    self->tasks.spawn(accept_all(self, std::move(listener)));
    co_return base::Status();
  }

  static io::Task<void> accept_all(std::shared_ptr<Inside> self,
                                   std::unique_ptr<io::Listener> listener) {
    while (true) {
      base::Result<std::unique_ptr<io::Stream>> stream = co_await listener->accept();
      if (!stream) {  // out of descriptors, most likely: those in use will come back
        self->log.warn("cannot accept", {{"error", stream.error().message}});
        co_await self->world.clock.sleep(accept_retry);
        continue;
      }
      self->tasks.spawn(serve(self, *std::move(stream)));
    }
  }

  static io::Task<void> serve(std::shared_ptr<Inside> self, std::unique_ptr<io::Stream> stream) {
    const std::string from = stream->peer().to_string();
    base::Result<Link> link =
        co_await self->transport.accept(self->world, std::move(stream), handshake_patience);
    if (!link) {
      self->log.warn("refused a connection", {{"from", from}, {"error", link.error().message}});
      co_return;
    }
    const auto door = self->doors.find(link->purpose);
    if (door != self->doors.end()) co_await door->second(*std::move(link));
  }

  static io::Task<void> stop(std::shared_ptr<Inside> self) { co_await self->tasks.stop(); }

  io::World& world;
  Transport& transport;
  boost::asio::any_io_executor lane;
  std::map<Purpose, Door> doors;
  io::Logger log;
  io::TaskGroup tasks;
};

Listener::Listener(io::World& world, Transport& transport, boost::asio::any_io_executor lane,
                   std::map<Purpose, Door> doors, io::Logger log)
    : inside_(std::make_shared<Inside>(world, transport, lane, std::move(doors), std::move(log))) {}

Listener::~Listener() = default;

io::Task<base::Status> Listener::start(io::Address address) {
  co_return co_await io::on(inside_->lane, Inside::listen(inside_, std::move(address)));
}

io::Task<void> Listener::stop() { co_await io::on(inside_->lane, Inside::stop(inside_)); }

}  // namespace caravan::rpc
