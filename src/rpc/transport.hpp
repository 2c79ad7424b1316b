// SPDX-License-Identifier: Apache-2.0
// How a connection between agents says what it is for, and how each end knows who the other one is.
// On a real network that is TLS: the purpose is the protocol that the two agree on, and the role
// stands in the certificate. The simulated network is believed what it says.
#pragma once

#include <memory>
#include <string>

#include "io/network.hpp"
#include "io/world.hpp"

namespace caravan::rpc {

enum class Purpose {
  up,        // HTTP/2: the dialing agent asks a server
  down,      // HTTP/2 with the roles swapped: a server asks the agent that dialed
  raft,      // frames between servers
  snapshot,  // the same, of bulk
  http,      // HTTP/1.1: a request of the public API on its way to whoever can answer it
};

/// Who is at the other end.
struct Peer {
  bool is_server = false;   // of this region
  bool is_foreign = false;  // a server of another one: it tells gossip and hands requests on
};

/// A server to dial.
struct Whom {
  Whom(io::Address at, std::string of = {})  // NOLINT(google-explicit-constructor)
      : address(std::move(at)), region(std::move(of)) {}
  io::Address address;
  std::string region;  // whose server it has to be; "": this one's
  friend auto operator<=>(const Whom&, const Whom&) = default;
};
/// As the region of Whom: a server of any will do.
inline constexpr const char* any_region = "*";

struct Link {
  std::unique_ptr<io::Stream> stream;
  Purpose purpose = Purpose::up;
  Peer peer;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// Errors: io, timeout, denied (the other side is not what it should be, or of another region and
  /// here for what only those of this one may do).
  virtual io::Task<base::Result<Link>> dial(io::World& world, Whom whom, Purpose purpose,
                                            base::Duration timeout) = 0;
  /// Finds out about a connection that was accepted. Errors: as dial.
  virtual io::Task<base::Result<Link>> accept(io::World& world, std::unique_ptr<io::Stream> stream,
                                              base::Duration timeout) = 0;
};

/// "caravan-up/1" and so on; what two agents agree on.
std::string protocol_of(Purpose purpose);
base::Result<Purpose> purpose_of(std::string_view protocol);

/// No secrets and no proof: a first line says "caravan-up/1 server". For simulated networks.
class PlainTransport : public Transport {
 public:
  explicit PlainTransport(bool is_server) : is_server_(is_server) {}
  io::Task<base::Result<Link>> dial(io::World& world, Whom whom, Purpose purpose,
                                    base::Duration timeout) override;
  io::Task<base::Result<Link>> accept(io::World& world, std::unique_ptr<io::Stream> stream,
                                      base::Duration timeout) override;

 private:
  bool is_server_;
};

}  // namespace caravan::rpc
