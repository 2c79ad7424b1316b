// SPDX-License-Identifier: Apache-2.0
// Connections that are made when somebody wants to ask something, and kept while they live: one for
// each of those. A server's way to the other servers.
#pragma once

#include <map>
#include <memory>

#include "rpc/http2.hpp"
#include "rpc/rpc.hpp"
#include "rpc/transport.hpp"

namespace caravan::rpc {

/// All of it on one lane.
class Connections {
 public:
  Connections(io::World& world, Transport& transport, boost::asio::any_io_executor lane);
  ~Connections();

  /// Dials first when there is no connection. Errors: those of dialing and of the service.
  io::Task<base::Result<std::string>> call(Whom whom, std::string method, std::string request,
                                           base::Duration timeout);
  /// Ends all of them. Nothing may be asked after it.
  io::Task<void> stop();

 private:
  struct One;
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace caravan::rpc
