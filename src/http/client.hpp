// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 as a client: the command line to an agent, an agent to a container engine.
#pragma once

#include <functional>
#include <memory>

#include "http/message.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"

namespace caravan::http {

/// A response whose body comes in pieces.
class Incoming {
 public:
  virtual ~Incoming() = default;
  int status = 0;
  Headers headers;
  /// The next piece; "" at the end. Errors: io, invalid (bad framing).
  virtual io::Task<base::Result<std::string>> read() = 0;
  /// After a 101: the stream, and what was read of it already.
  virtual io::Stream& stream() = 0;
  virtual std::string take_already_read() = 0;
};

/// Sends one request on a fresh connection and returns when the head of the answer is there.
/// Errors: io, timeout (connecting, and until the head).
io::Task<base::Result<std::unique_ptr<Incoming>>> open(io::Network& network, io::Clock& clock,
                                                       io::Address address, Request request,
                                                       base::Duration timeout);

/// The same on a connection that is there already; without a limit of time. Errors: io, invalid.
io::Task<base::Result<std::unique_ptr<Incoming>>> open_on(std::unique_ptr<io::Stream> stream,
                                                          io::Address address, Request request);

/// A request's body that comes in pieces.
class Outgoing {
 public:
  virtual ~Outgoing() = default;
  /// How many bytes there are in all.
  virtual std::uint64_t size() const = 0;
  /// The next piece; "" at the end. Errors: whatever ends the request.
  virtual base::Result<std::string> next() = 0;
};

/// The same with `body` instead of the request's own; it must outlive the call.
io::Task<base::Result<std::unique_ptr<Incoming>>> open(io::Network& network, io::Clock& clock,
                                                       io::Address address, Request request,
                                                       Outgoing& body, base::Duration timeout);

/// The same, with the whole body. Errors: also too_large.
io::Task<base::Result<Response>> fetch(io::Network& network, io::Clock& clock, io::Address address,
                                       Request request, base::Duration timeout,
                                       std::size_t body_bytes_max);

}  // namespace caravan::http
