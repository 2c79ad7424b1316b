// SPDX-License-Identifier: Apache-2.0
// Two pipes that make a connection. Only network.cpp and connection.cpp include this.
#pragma once

#include "sim/network.hpp"

namespace caravan::sim {

/// One direction. Chunks fly in order; the first one's delivery moves the next.
struct Pipe {
  struct Chunk {
    base::Duration due;
    std::string bytes;
    bool end = false;
  };
  Pipe(boost::asio::any_io_executor executor) : readable(executor), writable(executor) {}
  std::string from, to;          // hosts
  LifePtr writer, reader;
  std::deque<Chunk> flying;
  std::string ready;
  std::size_t load = 0;          // bytes flying and ready
  bool ended = false;            // the writer's end of it has been delivered
  bool is_deaf = false;          // the reader has closed its end
  base::Duration blocked_since{-1};
  base::Duration last_due{0};
  io::Event readable, writable;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Fabric& fabric, boost::asio::any_io_executor executor, bool local)
      : fabric(fabric), up(executor), down(executor), local(local) {}
  void connect(const std::string& client, LifePtr client_life, const std::string& server,
               LifePtr server_life);
  void push(Pipe& pipe, std::string bytes, bool end);
  /// Both ends see `why` at their next operation.
  void reset(std::string why);
  bool is_reset() const { return !broken_.empty(); }
  const std::string& broken() const { return broken_; }

  Fabric& fabric;
  Pipe up, down;  // client to server, server to client
  const bool local;

 private:
  void fly(Pipe& pipe);
  void arrive(Pipe& pipe);
  void watch(const LifePtr& life, Pipe& heard_by);

  std::string broken_;
};

/// As many bytes as one end accepts before the other has read any.
constexpr std::size_t window_bytes = 256 * 1024;

std::unique_ptr<io::Stream> make_stream(std::shared_ptr<Connection> connection, bool is_client,
                                        io::Address local, io::Address peer);

}  // namespace caravan::sim
