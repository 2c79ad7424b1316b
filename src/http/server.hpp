// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 on a stream: reads requests within limits, writes responses, keeps the connection. Beast
// parses; framing mistakes end the connection, because what follows them cannot be trusted.
#pragma once

#include <functional>
#include <memory>

#include "http/message.hpp"
#include "http/tls.hpp"
#include "io/log.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"

namespace caravan::http {

struct Limits {
  std::size_t header_bytes_max = 64 * 1024;
  std::size_t body_bytes_max = 32 * 1024 * 1024;
  std::size_t target_bytes_max = 16 * 1024;
  base::Duration header_timeout{30'000'000'000};    // from the first byte of a request to its last
  base::Duration idle_timeout{300'000'000'000};     // between requests
  base::Duration handshake_timeout{5'000'000'000};  // of TLS
  int connections_per_peer_max = 100;               // 0 = no limit
};

/// Where one response goes. Either send() once, or begin() and then write() until end().
class Responder {
 public:
  virtual ~Responder() = default;
  virtual io::Task<base::Status> send(Response response) = 0;
  /// A body of unknown length: chunked, for as long as the connection lasts.
  virtual io::Task<base::Status> begin(Response head) = 0;
  virtual io::Task<base::Status> write(std::string_view bytes) = 0;
  virtual io::Task<base::Status> end() = 0;
  /// Switches protocols: answers 101 with these headers and hands over the stream with what was
  /// read of it already. The connection ends when the handler returns.
  virtual io::Task<base::Result<io::Stream*>> upgrade(Headers headers,
                                                      std::string& already_read) = 0;
  /// Waits until the client goes away: for handlers that stream and otherwise would not notice.
  virtual io::Task<void> hung_up() = 0;
};

using Handler = std::function<io::Task<void>(const Request&, Responder&)>;

/// Serves one connection until it ends. The handler's exceptions (but cancellation) become a 500.
io::Task<void> serve(io::Clock& clock, std::unique_ptr<io::Stream> stream, const Limits& limits,
                     const Handler& handler, const io::Logger& log);

/// Accepts on every front lane and serves; returns when cancelled.
class Server {
 public:
  Server(io::World& world, Limits limits, Handler handler, io::Logger log);
  ~Server();
  /// Before start(): every connection is TLS, with what `tls` gives at its moment.
  void secure_with(std::function<std::shared_ptr<const Tls>()> tls) { tls_ = std::move(tls); }
  /// Errors: io (address in use, …). Call on the main lane.
  io::Task<base::Status> start(io::Address address);
  io::Task<void> stop();
  io::Address address() const { return address_; }

 private:
  struct Front;
  io::World& world_;
  Limits limits_;
  Handler handler_;
  io::Logger log_;
  std::function<std::shared_ptr<const Tls>()> tls_;
  io::Address address_;
  std::vector<std::unique_ptr<Front>> fronts_;
};

}  // namespace caravan::http
