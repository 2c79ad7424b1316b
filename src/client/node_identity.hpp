// SPDX-License-Identifier: Apache-2.0
// The node's own identity: a token that the servers sign, got anew in time. Client lane.
#pragma once

#include "io/log.hpp"
#include "io/task.hpp"
#include "io/world.hpp"
#include "json/value.hpp"
#include "model/node.hpp"
#include "rpc/rpc.hpp"

namespace caravan::client {

class NodeIdentity {
 public:
  /// `path`: of the file where the newest one stands, for programs of this machine that show it to
  /// others. References outlive it.
  NodeIdentity(io::World& world, const model::Node& node, rpc::Channel& servers, std::string path,
               io::Logger log)
      : world_(world),
        node_(node),
        servers_(servers),
        path_(std::move(path)),
        log_(std::move(log)) {}

  /// Gets one soon, and another after two thirds of the time of each, for ever.
  io::Task<void> keep();
  /// What the newest one says; gets the first one if there is none. Errors: of the servers.
  io::Task<base::Result<json::Object>> claims();
  /// Gets another one now. Errors: of the servers, io; the one before stays.
  io::Task<base::Status> renew();

 private:
  io::World& world_;
  const model::Node& node_;
  rpc::Channel& servers_;
  const std::string path_;
  io::Logger log_;
  json::Object claims_;
  base::Duration renew_at_{0};  // uptime
};

}  // namespace caravan::client
