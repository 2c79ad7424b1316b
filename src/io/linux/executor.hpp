// SPDX-License-Identifier: Apache-2.0
// The threads. Each lane is an io_context; main runs on the thread that calls run().
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "io/executor.hpp"

namespace caravan::io::linux_world {

class Executor : public io::Executor {
 public:
  /// Starts the threads of all lanes but main. `fronts` and `pool` are thread counts, at least 1.
  Executor(std::size_t fronts, std::size_t pool);
  ~Executor() override;

  boost::asio::any_io_executor lane(Lane lane) override;
  std::size_t fronts() const override;
  boost::asio::any_io_executor front(std::size_t index) override;

  /// Runs the main lane until stop() is called.
  void run();
  /// Ends all lanes. Any thread.
  void stop();
  /// Waits for the threads after stop(), so that what their tasks touch may go.
  void join();

 private:
  struct Loop;
  std::unique_ptr<Loop> main_, log_, pool_, client_;
  std::vector<std::unique_ptr<Loop>> fronts_;
};

}  // namespace caravan::io::linux_world
