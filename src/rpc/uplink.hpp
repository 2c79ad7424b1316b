// SPDX-License-Identifier: Apache-2.0
// A node's way to the servers: two connections to one of them, one to ask, one to be asked over;
// and another server when that one is gone, silent, or without a leader.
#pragma once

#include <memory>
#include <vector>

#include "io/log.hpp"
#include "rpc/rpc.hpp"
#include "rpc/transport.hpp"

namespace caravan::rpc {

class Uplink : public Channel {
 public:
  /// `service` answers what servers ask. Everything is on `lane`. References outlive it.
  Uplink(io::World& world, Transport& transport, boost::asio::any_io_executor lane,
         std::vector<io::Address> servers, io::Logger log);
  ~Uplink() override;

  void start(Service& service);
  /// Of an agent that runs nothing, and is asked nothing.
  void start();
  /// What the servers said about who they are; those of the configuration are asked after them.
  void learn(std::vector<io::Address> servers);
  /// All that may be tried, the one first that is asked at this moment. From any lane.
  std::vector<io::Address> servers() const;

  /// Waits for a connection at most as long as `timeout`.
  io::Task<base::Result<std::string>> call(std::string method, std::string request,
                                           base::Duration timeout) override;
  io::Task<base::Result<std::unique_ptr<io::Stream>>> open(std::string method,
                                                           std::string head) override;
  io::Task<void> stop() override;

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace caravan::rpc
