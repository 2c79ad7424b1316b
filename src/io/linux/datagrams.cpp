// SPDX-License-Identifier: Apache-2.0
#include "io/linux/datagrams.hpp"

#include <sys/socket.h>

#include <array>
#include <deque>

#include <fmt/core.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace caravan::io::linux_world {
namespace asio = boost::asio;
namespace {

using Udp = asio::ip::udp;
using Error = boost::system::error_code;

/// So many bytes wait in the kernel while the agent is busy: some seconds of gossip.
constexpr int receive_buffer_bytes = 1024 * 1024;
constexpr std::size_t slot_bytes = datagram_bytes_max + 1;  // one more shows that one was larger
/// Not more, so that what else waits on this thread has its turn.
constexpr std::size_t taken_at_once = 15;

std::unexpected<base::Error> failure(std::string_view what, const Address& address,
                                     const Error& error) {
  return base::fail(base::Code::io,
                    fmt::format("{} {} (udp): {}", what, address.to_string(), error.message()));
}

class UdpSocket : public DatagramSocket {
 public:
  UdpSocket(Udp::socket socket, Address address, bool is_v6)
      : socket_(std::move(socket)), address_(std::move(address)), is_v6_(is_v6) {}

  base::Status send(std::string_view bytes, const Address& to) override {
    if (bytes.size() > datagram_bytes_max)
      return base::fail(base::Code::too_large, fmt::format("a packet of {} bytes is larger than {}",
                                                           bytes.size(), datagram_bytes_max));
    Error error;
    asio::ip::address ip = asio::ip::make_address(to.host, error);
    if (error) return base::invalid(fmt::format("{} is no IP address", to.to_string()));
    // A socket on [::] serves both kinds.
    if (is_v6_ && ip.is_v4()) ip = asio::ip::make_address_v6(asio::ip::v4_mapped, ip.to_v4());
    socket_.send_to(asio::buffer(bytes.data(), bytes.size()), Udp::endpoint(ip, to.port), 0, error);
    // A full send buffer is a lost packet, as any other.
    if (error && error != asio::error::would_block) return failure("send to", to, error);
    return {};
  }

  Task<base::Result<Datagram>> receive() override {
    std::array<char, slot_bytes> buffer;
    while (true) {
      if (!more_.empty()) {
        Datagram next = std::move(more_.front());
        more_.pop_front();
        co_return next;
      }
      Error error;
      Udp::endpoint from;
      const auto target = asio::buffer(buffer);
      const std::size_t size = co_await socket_.async_receive_from(
          target, from, asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) {
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
          throw boost::system::system_error(error);
      }
      // What an earlier packet met on its way says nothing about this socket.
      if (error == asio::error::connection_refused || error == asio::error::host_unreachable ||
          error == asio::error::network_unreachable)
        continue;
      if (error) co_return failure("receive on", address_, error);
      take_more();
      if (size > datagram_bytes_max) continue;
      co_return Datagram{std::string(buffer.data(), size), address_of(from)};
    }
  }

  Address address() const override { return address_; }
  void close() override {
    Error ignored;
    socket_.close(ignored);
  }

 private:
  static Address address_of(const Udp::endpoint& from) {
    asio::ip::address ip = from.address();
    if (ip.is_v6() && ip.to_v6().is_v4_mapped())
      ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
    return {ip.to_string(), from.port(), false};
  }

  /// What has come besides, with one call of the kernel.
  void take_more() {
    std::array<std::array<char, slot_bytes>, taken_at_once> buffers;
    std::array<Udp::endpoint, taken_at_once> from;
    std::array<iovec, taken_at_once> pieces;
    std::array<mmsghdr, taken_at_once> heads{};
    for (std::size_t i = 0; i < taken_at_once; ++i) {
      pieces[i] = {buffers[i].data(), slot_bytes};
      heads[i].msg_hdr.msg_name = from[i].data();
      heads[i].msg_hdr.msg_namelen = static_cast<socklen_t>(from[i].capacity());
      heads[i].msg_hdr.msg_iov = &pieces[i];
      heads[i].msg_hdr.msg_iovlen = 1;
    }
    const int taken = ::recvmmsg(socket_.native_handle(), heads.data(), taken_at_once,
                                 MSG_DONTWAIT, nullptr);
    for (std::size_t i = 0; static_cast<int>(i) < taken; ++i) {
      if (heads[i].msg_len > datagram_bytes_max) continue;
      from[i].resize(heads[i].msg_hdr.msg_namelen);
      more_.push_back({std::string(buffers[i].data(), heads[i].msg_len), address_of(from[i])});
    }
  }

  Udp::socket socket_;
  Address address_;
  const bool is_v6_;
  std::deque<Datagram> more_;
};

}  // namespace

Task<base::Result<std::unique_ptr<DatagramSocket>>> Datagrams::bind(Address address) {
  Error error;
  const asio::ip::address ip = asio::ip::make_address(address.host, error);
  if (error) co_return failure("listen on", address, error);
  Udp::socket socket(co_await asio::this_coro::executor);
  const Udp::endpoint endpoint(ip, address.port);
  if (socket.open(endpoint.protocol(), error); error)
    co_return failure("listen on", address, error);
  Error ignored;  // a smaller buffer loses more, and works
  socket.set_option(asio::socket_base::receive_buffer_size(receive_buffer_bytes), ignored);
  if (socket.bind(endpoint, error); error) co_return failure("listen on", address, error);
  if (socket.non_blocking(true, error); error) co_return failure("listen on", address, error);
  const Udp::endpoint bound = socket.local_endpoint(error);
  const Address at{bound.address().to_string(), bound.port(), false};
  std::unique_ptr<DatagramSocket> made =
      std::make_unique<UdpSocket>(std::move(socket), at, ip.is_v6());
  co_return made;
}

}  // namespace caravan::io::linux_world
