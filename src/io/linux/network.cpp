// SPDX-License-Identifier: Apache-2.0
#include "io/linux/network.hpp"

#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace caravan::io::linux_world {
namespace asio = boost::asio;
namespace {

using Socket = asio::generic::stream_protocol::socket;
using Error = boost::system::error_code;

std::unexpected<base::Error> failure(std::string_view what, const Address& address,
                                     const Error& error) {
  return base::fail(base::Code::io,
                    fmt::format("{} {}: {}", what, address.to_string(), error.message()));
}

Address address_of(const asio::ip::tcp::endpoint& endpoint) {
  return {endpoint.address().to_string(), endpoint.port(), false};
}

/// A peer that is gone without a word is noticed within half a minute.
template <class TcpSocket>
void expect_life(TcpSocket& socket) {
  const int on = 1, idle_s = 15, interval_s = 5, count = 3, unacknowledged_ms = 20'000;
  const int fd = socket.native_handle();
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

/// An aborted operation is either our own close (an ordinary error) or a cancelled task.
Task<void> throw_when_cancelled(const Error& error) {
  if (error != asio::error::operation_aborted) co_return;
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(error);
}

class SocketStream : public Stream {
 public:
  SocketStream(Socket socket, Address local, Address peer)
      : socket_(std::move(socket)), local_(std::move(local)), peer_(std::move(peer)) {}

  Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    Error error;
    const auto target = asio::buffer(buffer.data(), buffer.size());
    const std::size_t n =
        co_await socket_.async_read_some(target, asio::redirect_error(asio::use_awaitable, error));
    co_await throw_when_cancelled(error);
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return failure("read from", peer_, error);
    co_return n;
  }

  Task<base::Status> write(std::string_view bytes) override {
    Error error;
    const auto source = asio::buffer(bytes.data(), bytes.size());
    co_await asio::async_write(socket_, source, asio::redirect_error(asio::use_awaitable, error));
    co_await throw_when_cancelled(error);
    if (error) co_return failure("write to", peer_, error);
    co_return base::Status();
  }

  void end_writing() override {
    Error ignored;  // a peer that is gone needs no news
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  void close() override {
    Error ignored;  // closing what the peer has closed already is fine
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
  }
  Address peer() const override { return peer_; }
  Address local() const override { return local_; }

 private:
  Socket socket_;
  Address local_, peer_;
};

class TcpListener : public Listener {
 public:
  TcpListener(asio::ip::tcp::acceptor acceptor, Address address)
      : acceptor_(std::move(acceptor)), address_(std::move(address)) {}

  Task<base::Result<std::unique_ptr<Stream>>> accept() override {
    Error error;
    asio::ip::tcp::socket socket =
        co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    co_await throw_when_cancelled(error);
    if (error) co_return failure("accept on", address_, error);
    Error ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    expect_life(socket);
    const Address local = address_of(socket.local_endpoint(ignored)),
                  peer = address_of(socket.remote_endpoint(ignored));
    std::unique_ptr<Stream> stream =
        std::make_unique<SocketStream>(Socket(std::move(socket)), local, peer);
    co_return stream;
  }
  Address address() const override { return address_; }
  void close() override {
    Error ignored;
    acceptor_.close(ignored);
  }

 private:
  asio::ip::tcp::acceptor acceptor_;
  Address address_;
};

class UnixListener : public Listener {
 public:
  UnixListener(asio::local::stream_protocol::acceptor acceptor, Address address)
      : acceptor_(std::move(acceptor)), address_(std::move(address)) {}

  Task<base::Result<std::unique_ptr<Stream>>> accept() override {
    Error error;
    asio::local::stream_protocol::socket socket =
        co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    co_await throw_when_cancelled(error);
    if (error) co_return failure("accept on", address_, error);
    std::unique_ptr<Stream> stream =
        std::make_unique<SocketStream>(Socket(std::move(socket)), address_, address_);
    co_return stream;
  }
  Address address() const override { return address_; }
  void close() override {
    Error ignored;
    acceptor_.close(ignored);
  }

 private:
  asio::local::stream_protocol::acceptor acceptor_;
  Address address_;
};

base::Result<std::unique_ptr<Listener>> listen_tcp(const asio::any_io_executor& executor,
                                                   const Address& address) {
  Error error;
  const asio::ip::address ip = asio::ip::make_address(address.host, error);
  if (error) return failure("listen on", address, error);
  asio::ip::tcp::acceptor acceptor(executor);
  const asio::ip::tcp::endpoint endpoint(ip, address.port);
  if (acceptor.open(endpoint.protocol(), error); error) return failure("listen on", address, error);
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (acceptor.bind(endpoint, error); error) return failure("listen on", address, error);
  if (acceptor.listen(asio::socket_base::max_listen_connections, error); error)
    return failure("listen on", address, error);
  const Address bound = address_of(acceptor.local_endpoint(error));
  return std::make_unique<TcpListener>(std::move(acceptor), bound);
}

base::Result<std::unique_ptr<Listener>> listen_unix(const asio::any_io_executor& executor,
                                                    const Address& address) {
  Error error;
  ::unlink(address.host.c_str());  // a socket that an earlier run left behind
  asio::local::stream_protocol::acceptor acceptor(executor);
  if (acceptor.open(asio::local::stream_protocol(), error); error)
    return failure("listen on", address, error);
  if (acceptor.bind(asio::local::stream_protocol::endpoint(address.host), error); error)
    return failure("listen on", address, error);
  if (acceptor.listen(asio::socket_base::max_listen_connections, error); error)
    return failure("listen on", address, error);
  ::chmod(address.host.c_str(), 0600);
  return std::make_unique<UnixListener>(std::move(acceptor), address);
}

/// The first address of a host's name, as the system's resolver knows it.
Task<base::Result<asio::ip::address>> look_up(const Address& address, base::Duration timeout) {
  using namespace asio::experimental::awaitable_operators;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  asio::steady_timer timer(executor, timeout);
  Error error;
  auto raced = co_await (
      resolver.async_resolve(address.host, "", asio::redirect_error(asio::use_awaitable, error)) ||
      timer.async_wait(asio::use_awaitable));
  if (raced.index() == 1)
    co_return base::fail(base::Code::timeout,
                         fmt::format("{} was not resolved in time", address.host));
  co_await throw_when_cancelled(error);
  if (error) co_return failure("look up", address, error);
  co_return std::get<0>(raced).begin()->endpoint().address();
}

}  // namespace

Task<base::Result<std::unique_ptr<Listener>>> Network::listen(Address address) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  if (address.is_unix) co_return listen_unix(executor, address);
  co_return listen_tcp(executor, address);
}

Task<base::Result<std::unique_ptr<Stream>>> Network::connect(Address address,
                                                             base::Duration timeout) {
  using namespace asio::experimental::awaitable_operators;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Socket socket(executor);
  asio::generic::stream_protocol::endpoint target;
  Error error;
  if (address.is_unix) {
    if (address.host.size() >= sizeof(sockaddr_un::sun_path)) {
      co_return base::fail(base::Code::io,
                           fmt::format("connect to {}: the path is too long", address.to_string()));
    }
    target = asio::local::stream_protocol::endpoint(address.host);
  } else {
    asio::ip::address ip = asio::ip::make_address(address.host, error);
    if (error) {
      CO_TRY(ip, co_await look_up(address, timeout));
    }
    target = asio::ip::tcp::endpoint(ip, address.port);
  }
  asio::steady_timer timer(executor, timeout);
  Error late;
  const auto won =
      co_await (socket.async_connect(target, asio::redirect_error(asio::use_awaitable, error)) ||
                timer.async_wait(asio::redirect_error(asio::use_awaitable, late)));
  if (won.index() == 1) {
    co_return base::fail(base::Code::timeout,
                         fmt::format("connect to {}: no answer within {}", address.to_string(),
                                     base::format_duration(timeout)));
  }
  if (error) co_return failure("connect to", address, error);
  Error ignored;
  if (!address.is_unix) {
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    expect_life(socket);
  }
  std::unique_ptr<Stream> stream =
      std::make_unique<SocketStream>(std::move(socket), Address(), address);
  co_return stream;
}

}  // namespace caravan::io::linux_world
