// SPDX-License-Identifier: Apache-2.0
// Where other agents come in: accepts, finds out who it is and what for, and leads to the right
// door.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "io/log.hpp"
#include "io/world.hpp"
#include "rpc/transport.hpp"

namespace caravan::rpc {

/// Serves one connection to its end, on the listener's lane.
using Door = std::function<io::Task<void>(Link)>;

class Listener {
 public:
  /// Connections for which there is no door are ended. `lane` serves all of them.
  Listener(io::World& world, Transport& transport, boost::asio::any_io_executor lane,
           std::map<Purpose, Door> doors, io::Logger log);
  ~Listener();
  /// May be called for several addresses. Errors: io (in use, denied).
  io::Task<base::Status> start(io::Address address);
  /// Ends every connection.
  io::Task<void> stop();

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace caravan::rpc
