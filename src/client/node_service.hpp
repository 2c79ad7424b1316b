// SPDX-License-Identifier: Apache-2.0
// What a node answers when it is asked about its allocations (files, logs, restarts, signals) and
// about itself ("Node.Stats", "Agent.Host"). Client lane.
#pragma once

#include <map>

#include "client/client.hpp"
#include "client/cpu_meter.hpp"
#include "io/log_source.hpp"
#include "rpc/rpc.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::client {

class NodeService : public rpc::Service {
 public:
  /// `logs`: what this agent logs; null when nobody can listen. `data_dir`: what is said of the
  /// disk is said of this folder. References outlive it.
  NodeService(io::World& world, Client& client, io::LogSource* logs, std::string data_dir = "/")
      : world_(world), client_(client), logs_(logs), data_dir_(std::move(data_dir)) {}

  io::Task<base::Result<std::string>> call(const rpc::Caller& caller, std::string method,
                                           std::string request) override;
  /// Begins each stream with a line: "ok FILE" or "error CODE MESSAGE".
  io::Task<base::Status> stream(const rpc::Caller& caller, std::string method, std::string head,
                                io::Stream& stream) override;

 private:
  base::Result<AllocRunner*> runner(const base::AllocId& id);
  base::Result<std::string> path_in(const wire::AllocRequest& request);
  base::Result<std::string> list_files(const wire::AllocRequest& request);
  base::Result<std::string> stat_file(const wire::AllocRequest& request);
  // node_usage.cpp
  io::Task<base::Result<std::string>> stats(wire::AllocRequest request);
  io::Task<base::Result<std::string>> host_stats();
  double core_mhz() const;
  io::Task<base::Status> cat(const wire::AllocRequest& request, io::Stream& stream);
  io::Task<base::Status> exec(const wire::AllocRequest& request, io::Stream& stream);
  io::Task<base::Status> logs(const wire::AllocRequest& request, io::Stream& stream);
  io::Task<base::Status> monitor(const std::string& wish, io::Stream& stream);

  io::World& world_;
  Client& client_;
  io::LogSource* logs_;
  const std::string data_dir_;
  std::map<std::string, CpuMeter> meters_;  // by processor
};

}  // namespace caravan::client
