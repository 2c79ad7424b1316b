// SPDX-License-Identifier: Apache-2.0
// The certificates by which this agent's services show who they are in the mesh. Keys are drawn
// here and never leave the agent but to its clients; the servers sign. What was asked for once is
// renewed in time, and whenever another root signs, until nobody has asked for it for long.
#pragma once

#include <map>
#include <memory>

#include "io/log.hpp"
#include "io/task.hpp"
#include "io/world.hpp"
#include "rpc/rpc.hpp"
#include "wire/connect_rpc.hpp"

namespace caravan::registry {

inline constexpr std::size_t leaves_max = 4'096;  // services of one agent

struct Leaf {
  std::string service, private_key;  // PEM
  wire::ConnectLeaf signed_part;
  /// Rises with each certificate of the service.
  std::uint64_t create_index = 0, modify_index = 0;
};
using LeafRef = std::shared_ptr<const Leaf>;

/// When a leaf is renewed: after so much of its life, spread so that not all come at once.
base::Instant renewal_of(const wire::ConnectLeaf& leaf, double spread);

/// Main lane.
class Leaves {
 public:
  /// References outlive it. `servers`: who sign.
  Leaves(io::World& world, rpc::Channel& servers, io::Logger log);

  void start();
  io::Task<void> stop();

  /// The newest one, asked for when there is none. Errors: busy (too many services), and those of
  /// the servers.
  io::Task<base::Result<LeafRef>> get(std::string service);
  /// Returns when the service's leaf has another index, or after `patience`.
  io::Task<void> wait_for_other(std::string service, std::uint64_t index, base::Duration patience);

 private:
  struct Held {
    LeafRef leaf;
    base::Instant renew;
    base::Duration asked_for{0};  // when last, by uptime
  };
  io::Task<base::Result<LeafRef>> renew(std::string service);
  io::Task<void> look();
  io::Task<void> run();
  void forget_unused();

  io::World& world_;
  rpc::Channel& servers_;
  io::Logger log_;
  std::map<std::string, Held> held_;
  std::string root_id_;  // that signed last
  std::unique_ptr<io::Event> changed_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::registry
