// SPDX-License-Identifier: Apache-2.0
// What somebody tells all agents: it goes through the log, so that every agent hears it, once and
// in one order (docs/adr/0050-user-events.md).
#pragma once

#include "io/task_fwd.hpp"
#include "io/world.hpp"
#include "server/proposals.hpp"

namespace caravan::server {

class UserEvents {
 public:
  UserEvents(io::World& world, Proposals& proposals) : world_(world), proposals_(proposals) {}

  /// Under an id that is drawn here; returns the event with it. Errors: invalid (as
  /// catalog::check_event), too_large (its payload), and those of Proposals.
  io::Task<base::Result<model::UserEvent>> fire(model::UserEvent event);

 private:
  io::World& world_;
  Proposals& proposals_;
};

}  // namespace caravan::server
