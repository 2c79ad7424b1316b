// SPDX-License-Identifier: Apache-2.0
// Byte streams and datagrams between addresses. The real network is TCP and UNIX sockets; the
// simulated one delays, drops, reorders and cuts by seed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {

/// "10.0.0.1:4646", "[::1]:4646" or, for a UNIX socket, "unix:/path". `port` 0 asks for any.
struct Address {
  std::string host;  // an IP; to connect to, also a name; or the path of a UNIX socket
  std::uint16_t port = 0;
  bool is_unix = false;

  static Address unix_socket(std::string path) { return {std::move(path), 0, true}; }
  /// Reads the forms above; `default_port` serves when none is written. Errors: invalid.
  static base::Result<Address> parse(std::string_view text, std::uint16_t default_port = 0);
  std::string to_string() const;
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// One ordered, reliable connection. One reader and one writer at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Waits for at least one byte. 0 means the peer closed its side. Errors: io.
  virtual Task<base::Result<std::size_t>> read_some(std::span<char> buffer) = 0;
  /// Writes all of it. The bytes must live until it returns. Errors: io.
  virtual Task<base::Status> write(std::string_view bytes) = 0;
  /// Tells the peer that no more bytes come; reading goes on. Streams that cannot do so do nothing.
  virtual void end_writing() {}
  /// Ends both directions; pending reads and writes fail.
  virtual void close() = 0;
  virtual Address peer() const = 0;
  virtual Address local() const = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual Task<base::Result<std::unique_ptr<Stream>>> accept() = 0;
  virtual Address address() const = 0;
  virtual void close() = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  /// The calling task's executor serves the listener and its streams. Errors: io (in use, denied).
  virtual Task<base::Result<std::unique_ptr<Listener>>> listen(Address address) = 0;
  /// Errors: io, timeout.
  virtual Task<base::Result<std::unique_ptr<Stream>>> connect(Address address,
                                                              base::Duration timeout) = 0;
};

}  // namespace caravan::io
