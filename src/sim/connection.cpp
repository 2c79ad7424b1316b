// SPDX-License-Identifier: Apache-2.0
#include "sim/connection.hpp"

namespace caravan::sim {
using namespace std::chrono_literals;

namespace {
constexpr base::Duration retry_after = 200ms;  // Linux's smallest retransmission timeout
constexpr base::Duration give_up_after = 20s;  // a TCP_USER_TIMEOUT that servers usually set
}  // namespace

void Connection::connect(const std::string& client, LifePtr client_life, const std::string& server,
                         LifePtr server_life) {
  up.from = down.to = client;
  up.to = down.from = server;
  up.writer = down.reader = client_life;
  up.reader = down.writer = server_life;
  watch(client_life, up);
  watch(server_life, down);
}

// A killed program's kernel tells the other end; a machine without power tells nobody.
void Connection::watch(const LifePtr& life, Pipe& heard_by) {
  const std::weak_ptr<Connection> weak = weak_from_this();
  Pipe* const pipe = &heard_by;
  life->at_death([weak, pipe](bool power) {
    const auto self = weak.lock();
    if (!self || power) return;
    self->fabric.timeline.after(self->fabric.latency(self->local), [self, pipe] {
      if (self->fabric.open(pipe->from, pipe->to)) self->reset("connection reset by peer");
    });
  });
}

void Connection::push(Pipe& pipe, std::string bytes, bool end) {
  base::Duration delay = fabric.latency(local);
  if (!local && fabric.random.chance(fabric.knobs.stall))
    delay += fabric.random.between(retry_after, fabric.knobs.stall_max);
  pipe.last_due = std::max(pipe.last_due, fabric.timeline.now() + delay);
  pipe.load += bytes.size();
  pipe.flying.push_back({pipe.last_due, std::move(bytes), end});
  if (pipe.flying.size() == 1) fly(pipe);
  if (!local && fabric.random.chance(fabric.knobs.reset)) reset("connection reset by peer");
}

void Connection::fly(Pipe& pipe) {
  const auto self = shared_from_this();
  Pipe* const which = &pipe;
  fabric.timeline.at(pipe.flying.front().due, [self, which] { self->arrive(*which); });
}

void Connection::arrive(Pipe& pipe) {
  if (is_reset()) return;
  const base::Duration now = fabric.timeline.now();
  const bool gone = !pipe.reader->alive();
  if (!fabric.open(pipe.from, pipe.to) || (gone && !fabric.has_power(pipe.to))) {
    if (pipe.blocked_since < base::Duration(0)) pipe.blocked_since = now;
    if (now - pipe.blocked_since >= give_up_after) return reset("connection timed out");
    pipe.flying.front().due = now + retry_after;
    return fly(pipe);
  }
  // A kernel that gets bytes for a closed end says so.
  const bool unwanted = pipe.is_deaf && !pipe.flying.front().bytes.empty();
  if (gone || unwanted) return reset("connection reset by peer");
  pipe.blocked_since = base::Duration(-1);
  Pipe::Chunk chunk = std::move(pipe.flying.front());
  pipe.flying.pop_front();
  fabric.bytes_carried += chunk.bytes.size();
  pipe.ready += chunk.bytes;
  if (chunk.end) pipe.ended = true;
  const std::weak_ptr<Connection> weak = weak_from_this();
  Pipe* const which = &pipe;
  pipe.reader->at(now, [weak, which] {
    if (const auto self = weak.lock()) which->readable.notify();
  });
  if (!pipe.flying.empty()) fly(pipe);
}

void Connection::reset(std::string why) {
  if (is_reset()) return;
  broken_ = std::move(why);
  for (Pipe* pipe : {&up, &down}) {
    pipe->flying.clear();
    pipe->readable.notify();
    pipe->writable.notify();
  }
}

namespace {

class SimStream : public io::Stream {
 public:
  SimStream(std::shared_ptr<Connection> connection, bool is_client, io::Address local,
            io::Address peer)
      : connection_(std::move(connection)),
        in_(is_client ? connection_->down : connection_->up),
        out_(is_client ? connection_->up : connection_->down),
        life_(in_.reader),
        local_(std::move(local)),
        peer_(std::move(peer)) {}
  ~SimStream() override { SimStream::close(); }

  io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    const auto connection = connection_;
    life_->check();
    while (in_.ready.empty() && !closed_ && !in_.ended && !connection->is_reset())
      co_await life_->wait(in_.readable);
    if (closed_) co_return base::fail(base::Code::io, "the stream is closed");
    if (in_.ready.empty() && in_.ended) co_return std::size_t{0};
    if (in_.ready.empty()) co_return broken();
    std::size_t count = std::min(buffer.size(), in_.ready.size());
    SimRandom& random = connection->fabric.random;
    if (count > 1 && connection->fabric.knobs.short_reads && random.chance(250))
      count = 1 + random.below(count - 1);
    std::copy_n(in_.ready.data(), count, buffer.data());
    in_.ready.erase(0, count);
    in_.load -= count;
    in_.writable.notify();
    co_return count;
  }

  io::Task<base::Status> write(std::string_view bytes) override {
    const auto connection = connection_;
    life_->check();
    while (!bytes.empty()) {
      if (closed_) co_return base::fail(base::Code::io, "the stream is closed");
      if (connection->is_reset()) co_return broken();
      if (out_.load >= window_bytes) {
        co_await life_->wait(out_.writable);
        continue;
      }
      const std::size_t count = std::min(bytes.size(), window_bytes - out_.load);
      connection->push(out_, std::string(bytes.substr(0, count)), false);
      bytes.remove_prefix(count);
    }
    co_return base::Status();
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    in_.is_deaf = true;
    in_.readable.notify();
    out_.writable.notify();
    if (life_->alive() && !connection_->is_reset()) connection_->push(out_, {}, true);
  }

  io::Address peer() const override { return peer_; }
  io::Address local() const override { return local_; }

 private:
  std::unexpected<base::Error> broken() const {
    return base::fail(base::Code::io, peer_.to_string() + ": " + connection_->broken());
  }

  std::shared_ptr<Connection> connection_;
  Pipe& in_;
  Pipe& out_;
  LifePtr life_;
  io::Address local_, peer_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<io::Stream> make_stream(std::shared_ptr<Connection> connection, bool is_client,
                                        io::Address local, io::Address peer) {
  return std::make_unique<SimStream>(std::move(connection), is_client, std::move(local),
                                     std::move(peer));
}

}  // namespace caravan::sim
