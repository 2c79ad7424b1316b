// SPDX-License-Identifier: Apache-2.0
// Watches rollouts by the clock: one that makes no progress until its deadline has failed, and one
// that may promote itself is promoted once its canaries are well. Progress itself comes with the
// nodes' health reports, each of which has the job evaluated.
#pragma once

#include "io/log.hpp"
#include "io/task.hpp"
#include "server/proposals.hpp"
#include "server/steady_deadlines.hpp"
#include "state/store.hpp"

namespace caravan::server {

class Deployments {
 public:
  Deployments(io::World& world, state::Store& store, Proposals& proposals, io::Logger log);
  void start();
  io::Task<void> stop();

 private:
  std::string failure(const state::Tables& tables, const model::Deployment& deployment);
  io::Task<void> watch();
  io::Task<void> promote(const model::Deployment& deployment);
  io::Task<void> fail(const model::Deployment& deployment, std::string reason);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  io::Logger log_;
  SteadyDeadlines deadlines_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
