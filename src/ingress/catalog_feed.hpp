// SPDX-License-Identifier: Apache-2.0
// What is registered, followed by blocking queries: one question whose answer is everything that
// wants to be routed.
#pragma once

#include <functional>

#include "http/message.hpp"
#include "ingress/instance.hpp"
#include "ingress/settings.hpp"
#include "io/log.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"

namespace caravan::ingress {

/// Asks an agent's API: over the network, or the agent around us. `target` as in a request.
/// Errors: io, timeout.
using Ask = std::function<io::Task<base::Result<http::Response>>(std::string target)>;

class CatalogFeed {
 public:
  using Take = std::function<void(std::vector<Instance>)>;
  CatalogFeed(io::World& world, Ask ask, const Settings& settings, Take take, io::Logger log);
  /// Until it is cancelled. What cannot be asked leaves what was heard last.
  io::Task<void> run();
  bool is_fresh() const { return is_fresh_; }

 private:
  io::World& world_;
  Ask ask_;
  std::string target_;
  Take take_;
  io::Logger log_;
  bool is_fresh_ = false;
};

}  // namespace caravan::ingress
