// SPDX-License-Identifier: Apache-2.0
// The nodes that are connected to this server, and can be asked things.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "io/log.hpp"
#include "io/world.hpp"
#include "rpc/rpc.hpp"
#include "rpc/transport.hpp"
#include "state/store.hpp"

namespace caravan::server {

class NodeLinks {
 public:
  NodeLinks(io::World& world, state::Store& store, io::Logger log)
      : world_(world), store_(store), log_(std::move(log)) {}

  /// Serves a connection over which a node lets itself be asked, to its end, on any lane. The node
  /// has to prove by its secret which one it is.
  io::Task<void> serve(rpc::Link link);
  /// From any lane. Null when the node is not connected here.
  std::shared_ptr<rpc::Channel> find(const base::NodeId& node) const;

 private:
  io::Task<base::Error> identify(std::shared_ptr<rpc::Channel> channel);

  io::World& world_;
  state::Store& store_;
  io::Logger log_;
  mutable std::mutex mutex_;
  std::map<base::NodeId, std::shared_ptr<rpc::Channel>> channels_;
};

}  // namespace caravan::server
