// SPDX-License-Identifier: Apache-2.0
#include "sim/network.hpp"

#include <fmt/core.h>

#include "sim/connection.hpp"

namespace caravan::sim {
using namespace std::chrono_literals;

/// What a listener and the fabric share.
struct ListenerState {
  ListenerState(io::Address address, LifePtr life)
      : address(std::move(address)), life(std::move(life)), arrived(this->life->executor) {}
  io::Address address;
  LifePtr life;
  std::deque<std::unique_ptr<io::Stream>> waiting;
  io::Event arrived;
  bool closed = false;
};

void Fabric::isolate(const std::string& host) {
  for (const auto& [other, up] : up_)
    if (other != host) cut_both(host, other);
}

bool Fabric::open(const std::string& from, const std::string& to) const {
  return from == to || (!cut_.contains({from, to}) && has_power(from) && has_power(to));
}

bool Fabric::has_power(const std::string& ip) const {
  const auto found = up_.find(ip);
  return found != up_.end() && found->second;
}

base::Duration Fabric::latency(bool local) {
  if (local) return random.between(base::Duration(5us), base::Duration(50us));
  return random.between(knobs.latency_min, knobs.latency_max);
}

namespace {

constexpr std::size_t backlog_max = 128;

class SimListener : public io::Listener {
 public:
  explicit SimListener(std::shared_ptr<ListenerState> state) : state_(std::move(state)) {}
  ~SimListener() override { SimListener::close(); }

  io::Task<base::Result<std::unique_ptr<io::Stream>>> accept() override {
    const auto state = state_;
    state->life->check();
    while (state->waiting.empty() && !state->closed) co_await state->life->wait(state->arrived);
    if (state->closed) co_return base::fail(base::Code::io, "the listener is closed");
    std::unique_ptr<io::Stream> stream = std::move(state->waiting.front());
    state->waiting.pop_front();
    co_return stream;
  }

  io::Address address() const override { return state_->address; }

  void close() override {
    state_->closed = true;
    state_->waiting.clear();
    state_->arrived.notify();
  }

 private:
  std::shared_ptr<ListenerState> state_;
};

bool is_any(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

std::shared_ptr<ListenerState> find_listener(Fabric& fabric, const std::string& ip,
                                             const io::Address& address) {
  io::Address candidates[] = {address, address};
  if (!address.is_unix) candidates[1].host = "0.0.0.0";
  for (const io::Address& candidate : candidates) {
    const auto found = fabric.listeners.find({ip, candidate});
    if (found == fabric.listeners.end()) continue;
    auto state = found->second.lock();
    if (state && !state->closed && state->life->alive()) return state;
  }
  return nullptr;
}

}  // namespace

io::Task<base::Result<std::unique_ptr<io::Listener>>> SimNetwork::listen(io::Address address) {
  life_->check();
  const LifePtr life = life_;
  if (!address.is_unix) {
    if (is_any(address.host)) address.host = "0.0.0.0";
    if (address.port == 0) address.port = fabric_.next_port++;
  }
  if (find_listener(fabric_, ip_, address))
    co_return base::fail(base::Code::io, address.to_string() + ": address already in use");
  auto state = std::make_shared<ListenerState>(address, life);
  fabric_.listeners[{ip_, address}] = state;
  co_return std::make_unique<SimListener>(std::move(state));
}

io::Task<base::Result<std::unique_ptr<io::Stream>>> SimNetwork::connect(io::Address address,
                                                                        base::Duration timeout) {
  Fabric& fabric = fabric_;
  const LifePtr life = life_;
  const std::string from = ip_;
  const bool local = address.is_unix || address.host == from || address.host == "127.0.0.1";
  const std::string to = local ? from : address.host;
  const base::Duration deadline = fabric.timeline.now() + timeout;
  // The first packet of a handshake is sent again until something answers.
  while (!fabric.open(from, to) || !fabric.open(to, from)) {
    const base::Duration left = deadline - fabric.timeline.now();
    if (left <= base::Duration(0))
      co_return base::fail(base::Code::timeout, address.to_string() + ": connection timed out");
    const base::Duration pause = std::min(left, base::Duration(200ms));
    co_await life->sleep(pause);
  }
  const base::Duration trip = fabric.latency(local) + fabric.latency(local);
  co_await life->sleep(trip);
  const auto listener = find_listener(fabric, to, address);
  if (!listener || listener->waiting.size() >= backlog_max)
    co_return base::fail(base::Code::io, address.to_string() + ": connection refused");
  io::Address mine{from, fabric.next_port++, false};
  if (address.is_unix) mine = io::Address::unix_socket("");
  const auto connection = std::make_shared<Connection>(fabric, life->executor, local);
  connection->connect(from, life, to, listener->life);
  listener->waiting.push_back(make_stream(connection, false, listener->address, mine));
  listener->arrived.notify();
  co_return make_stream(connection, true, mine, address);
}

}  // namespace caravan::sim
