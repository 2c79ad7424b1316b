// SPDX-License-Identifier: Apache-2.0
// The server that leads keeps the cluster as a repository says: which one stands in the agent's
// `gitops` block, or in the variable `caravan/gitops`, which counts where there is no block. It
// asks its own API, as anybody would who has the token.
#pragma once

#include <atomic>

#include "agent/server_part.hpp"
#include "api/route.hpp"
#include "gitops/operator.hpp"
#include "io/task.hpp"

namespace caravan::agent {

class GitopsPart {
 public:
  /// `configured`: of the agent's block; without a source none. References outlive it.
  GitopsPart(io::World& world, ServerPart& server, const api::Router& router,
             gitops::Settings configured, std::string data_dir, io::Logger log);
  ~GitopsPart();
  void start();
  io::Task<void> stop();
  /// For `/v1/gitops/status`, on any lane.
  json::Value status() const;

 private:
  class RouterApi;
  struct Shown {
    std::string source, branch, error;
    std::optional<gitops::Report> report;  // of the newest cycle
    std::string good_revision;             // of the newest one without a complaint
    base::Instant good_time;
  };

  io::Task<void> run();
  io::Task<void> cycle();
  /// What is to be followed now. Errors: invalid: what the variable says.
  base::Result<gitops::Settings> wanted() const;
  void show(Shown shown);

  io::World& world_;
  ServerPart& server_;
  const gitops::Settings configured_;
  const std::string data_dir_;
  io::Logger log_;
  std::unique_ptr<RouterApi> api_;
  std::unique_ptr<gitops::Operator> operator_;
  std::uint64_t settings_index_ = 0;  // of the variable, when the operator was made
  std::atomic<std::shared_ptr<const Shown>> shown_;
  io::TaskGroup tasks_;
};

}  // namespace caravan::agent
