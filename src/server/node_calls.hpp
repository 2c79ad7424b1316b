// SPDX-License-Identifier: Apache-2.0
// What the leader answers to nodes: about themselves, and in the name of their tasks.
#pragma once

#include "server/connect.hpp"
#include "server/coordinates.hpp"
#include "server/identities.hpp"
#include "server/nodes.hpp"
#include "server/registrations.hpp"
#include "server/task_data.hpp"

namespace caravan::server {

class NodeCalls : public rpc::Service {
 public:
  /// References outlive it.
  NodeCalls(Nodes& nodes, const TaskData& task_data, const Identities& identities,
            Registrations& registrations, Coordinates& coordinates, Connect& connect)
      : nodes_(nodes),
        task_data_(task_data),
        identities_(identities),
        registrations_(registrations),
        coordinates_(coordinates),
        connect_(connect) {}

  io::Task<base::Result<std::string>> call(const rpc::Caller& caller, std::string method,
                                           std::string request) override;
  io::Task<base::Status> stream(const rpc::Caller& caller, std::string method, std::string head,
                                io::Stream& stream) override;

 private:
  Nodes& nodes_;
  const TaskData& task_data_;
  const Identities& identities_;
  Registrations& registrations_;
  Coordinates& coordinates_;
  Connect& connect_;
};

}  // namespace caravan::server
