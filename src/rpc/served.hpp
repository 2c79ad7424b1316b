// SPDX-License-Identifier: Apache-2.0
// What a service is doing for others on its own lane, by connection: all of one connection's is
// cancelled when that ends, and all of it when the service stops.
#pragma once

#include <map>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "io/task.hpp"

namespace caravan::rpc {

class Served : public std::enable_shared_from_this<Served> {
 public:
  explicit Served(boost::asio::any_io_executor lane) : lane_(std::move(lane)) {}

  /// From any lane. What is spawned after the end of its connection, or after stop(), never runs.
  void spawn(std::uint64_t connection, io::Task<void> task);
  void end(std::uint64_t connection);
  /// Ends everything and waits for it. From any lane.
  io::Task<void> stop();
  static std::uint64_t next_connection();

 private:
  static io::Task<void> stop_here(std::shared_ptr<Served> self);
  void spawn_here(std::uint64_t connection, io::Task<void> task);
  void end_here(std::uint64_t connection);

  const boost::asio::any_io_executor lane_;
  std::map<std::uint64_t, std::unique_ptr<io::TaskGroup>> groups_;  // touched on lane_ only
  bool stopped_ = false;
};

}  // namespace caravan::rpc
