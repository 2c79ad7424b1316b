// SPDX-License-Identifier: Apache-2.0
// Packets between addresses: each arrives whole, late, twice or not at all. The real ones are UDP;
// the simulated network loses, delays, repeats and cuts them by seed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/network.hpp"

namespace caravan::io {

/// What fits into one packet on every path without being cut up.
inline constexpr std::size_t datagram_bytes_max = 1400;

struct Datagram {
  std::string bytes;
  Address from;
};

/// One bound port. One receiver; sending waits for nobody.
class DatagramSocket {
 public:
  virtual ~DatagramSocket() = default;
  /// The packet goes, or is lost without a word. `to` has an IP, no name. Errors: io (the system
  /// refused it), invalid (`to`), too_large (datagram_bytes_max).
  virtual base::Status send(std::string_view bytes, const Address& to) = 0;
  /// Waits for a packet. Larger ones than datagram_bytes_max are dropped. Errors: io (closed).
  virtual Task<base::Result<Datagram>> receive() = 0;
  virtual Address address() const = 0;
  /// A pending receive() fails.
  virtual void close() = 0;
};

class Datagrams {
 public:
  virtual ~Datagrams() = default;
  /// The calling task's executor serves the socket. Errors: io (in use, denied).
  virtual Task<base::Result<std::unique_ptr<DatagramSocket>>> bind(Address address) = 0;
};

}  // namespace caravan::io
