// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <map>
#include <mutex>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "io/task.hpp"

namespace caravan::http {
namespace {

/// Counts connections by client address over all fronts.
class PeerCount {
 public:
  bool enter(const std::string& host, int limit) {
    const std::scoped_lock lock(mutex_);
    int& n = counts_[host];
    if (limit > 0 && n >= limit) return false;
    ++n;
    return true;
  }
  void leave(const std::string& host) {
    const std::scoped_lock lock(mutex_);
    if (--counts_[host] == 0) counts_.erase(host);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

}  // namespace

struct Server::Front {
  Front(Server& owner, boost::asio::any_io_executor executor, std::shared_ptr<PeerCount> count)
      : server(owner), lane(executor), tasks(executor), peers(std::move(count)) {}

  io::Task<void> accept_all() {
    while (true) {
      base::Result<std::unique_ptr<io::Stream>> stream = co_await listener->accept();
      if (!stream) {  // out of descriptors, most likely: those in use will come back
        server.log_.warn("cannot accept", {{"error", stream.error().message}});
        co_await server.world_.clock.sleep(accept_retry);
        continue;
      }
      tasks.spawn(serve_one(*std::move(stream)));
    }
  }

  io::Task<void> serve_one(std::unique_ptr<io::Stream> stream) {
    const std::string host = stream->peer().host;
    const bool counted = !stream->peer().is_unix;
    if (counted && !peers->enter(host, server.limits_.connections_per_peer_max)) {
      (void)co_await stream->write(
          "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 38\r\nConnection: close\r\n\r\n"
          "Your IP is issuing too many concurrent");
      stream->close();
      co_return;
    }
    struct Leave {
      PeerCount& peers;
      std::string host;
      bool counted;
      ~Leave() {
        if (counted) peers.leave(host);
      }
    } leave{*peers, host, counted};
    if (server.tls_) {
      using boost::asio::experimental::awaitable_operators::operator||;
      const auto tls = server.tls_();
      auto secured = co_await (tls->accept(std::move(stream), {"http/1.1"}, false) ||
                               server.world_.clock.sleep(server.limits_.handshake_timeout));
      if (secured.index() == 1 || !std::get<0>(secured)) co_return;
      stream = *std::move(std::get<0>(secured));
    }
    co_await serve(server.world_.clock, std::move(stream), server.limits_, server.handler_,
                   server.log_);
  }

  static constexpr base::Duration accept_retry{100'000'000};
  Server& server;
  boost::asio::any_io_executor lane;
  io::TaskGroup tasks;
  std::shared_ptr<PeerCount> peers;
  std::unique_ptr<io::Listener> listener;
};

namespace {

io::Task<base::Result<std::unique_ptr<io::Listener>>> listen_there(io::World& world,
                                                                   io::Address address) {
  co_return co_await world.network.listen(std::move(address));
}
io::Task<void> stop_there(io::TaskGroup& tasks) { co_await tasks.stop(); }

}  // namespace

Server::Server(io::World& world, Limits limits, Handler handler, io::Logger log)
    : world_(world), limits_(limits), handler_(std::move(handler)), log_(std::move(log)) {}

Server::~Server() = default;

io::Task<base::Status> Server::start(io::Address address) {
  // One front accepts and serves; more fronts share the port by SO_REUSEPORT once figures ask for
  // it.
  auto front =
      std::make_unique<Front>(*this, world_.executor.front(0), std::make_shared<PeerCount>());
  CO_TRY(front->listener, co_await io::on(front->lane, listen_there(world_, std::move(address))));
  address_ = front->listener->address();
  Front* raw = front.get();
  fronts_.push_back(std::move(front));
  boost::asio::post(raw->lane, [raw] { raw->tasks.spawn(raw->accept_all()); });
  co_return base::Status();
}

io::Task<void> Server::stop() {
  for (const std::unique_ptr<Front>& front : fronts_)
    co_await io::on(front->lane, stop_there(front->tasks));
  fronts_.clear();
}

}  // namespace caravan::http
