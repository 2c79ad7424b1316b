// SPDX-License-Identifier: Apache-2.0
#include "sim/datagrams.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::sim {

/// What a socket and the fabric share.
struct DatagramPort {
  DatagramPort(io::Address address, LifePtr life)
      : address(std::move(address)), life(std::move(life)), arrived(this->life->executor) {}
  io::Address address;
  LifePtr life;
  std::deque<io::Datagram> waiting;
  io::Event arrived;
  bool closed = false;
};

namespace {

/// What the kernel keeps for a socket that nobody reads; the rest is lost.
constexpr std::size_t waiting_max = 1024;

class SimDatagramSocket : public io::DatagramSocket {
 public:
  SimDatagramSocket(DatagramFabric& fabric, std::string ip, std::shared_ptr<DatagramPort> port)
      : fabric_(fabric), ip_(std::move(ip)), port_(std::move(port)) {}
  ~SimDatagramSocket() override { SimDatagramSocket::close(); }

  base::Status send(std::string_view bytes, const io::Address& to) override {
    port_->life->check();
    if (bytes.size() > io::datagram_bytes_max)
      return base::fail(base::Code::too_large, "a packet is too large");
    if (port_->closed) return base::fail(base::Code::io, "the socket is closed");
    if (fabric_.random.chance(fabric_.loss())) return {};
    const int copies = fabric_.random.chance(fabric_.repeated()) ? 2 : 1;
    for (int i = 0; i < copies; ++i)
      fly(std::string(bytes), to);
    return {};
  }

  io::Task<base::Result<io::Datagram>> receive() override {
    const auto port = port_;
    port->life->check();
    while (port->waiting.empty() && !port->closed)
      co_await port->life->wait(port->arrived);
    if (port->closed) co_return base::fail(base::Code::io, "the socket is closed");
    io::Datagram packet = std::move(port->waiting.front());
    port->waiting.pop_front();
    co_return packet;
  }

  io::Address address() const override { return port_->address; }
  void close() override {
    port_->closed = true;
    port_->waiting.clear();
    port_->arrived.notify();
  }

 private:
  void fly(std::string bytes, const io::Address& to) {
    const bool local = to.host == ip_ || to.host == "127.0.0.1";
    const Knobs& knobs = fabric_.cables.knobs;
    const base::Duration trip = local
                                    ? base::Duration(20'000)
                                    : fabric_.random.between(knobs.latency_min, knobs.latency_max);
    const std::string host = local ? ip_ : to.host;
    io::Datagram packet{std::move(bytes), {ip_, port_->address.port, false}};
    DatagramFabric& fabric = fabric_;
    fabric.cables.timeline.after(trip, [&fabric, host, number = to.port, packet] {
      const auto found = fabric.ports.find({host, number});
      const auto port = found == fabric.ports.end() ? nullptr : found->second.lock();
      if (!port || port->closed || !port->life->alive()) return;
      if (!fabric.cables.open(packet.from.host, host)) return;
      if (port->waiting.size() >= waiting_max) return;
      // A paused program finds it when it wakes.
      port->life->after(base::Duration(0), [port, packet] {
        port->waiting.push_back(packet);
        port->arrived.notify();
      });
    });
  }

  DatagramFabric& fabric_;
  std::string ip_;
  std::shared_ptr<DatagramPort> port_;
};

}  // namespace

/// Where connections stall, packets are lost as often.
int DatagramFabric::loss() const { return std::min(1000, cables.knobs.stall + more_loss); }

io::Task<base::Result<std::unique_ptr<io::DatagramSocket>>> SimDatagrams::bind(
    io::Address address) {
  life_->check();
  if (address.port == 0) address.port = fabric_.cables.next_port++;
  const auto found = fabric_.ports.find({ip_, address.port});
  if (found != fabric_.ports.end()) {
    const auto port = found->second.lock();
    if (port && !port->closed && port->life->alive())
      co_return base::fail(base::Code::io, address.to_string() + ": address already in use");
  }
  const auto port = std::make_shared<DatagramPort>(address, life_);
  fabric_.ports[{ip_, address.port}] = port;
  std::unique_ptr<io::DatagramSocket> made =
      std::make_unique<SimDatagramSocket>(fabric_, ip_, port);
  co_return made;
}

}  // namespace caravan::sim
