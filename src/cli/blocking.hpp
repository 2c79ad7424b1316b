// SPDX-License-Identifier: Apache-2.0
// Runs one task to its end on an io_context of its own. For .cpp files.
#pragma once

#include <exception>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "io/linux/clock.hpp"
#include "io/task.hpp"

namespace caravan::cli {

template <class T>
T wait_for(io::Task<T> task) {
  boost::asio::io_context context(1);
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, T value) {
    failure = error;
    if (!error) result.emplace(std::move(value));
  });
  context.run();
  if (failure) std::rethrow_exception(failure);  // a bug; main() says what it was
  return std::move(*result);
}

/// Waits between two looks at what an agent says.
inline void pause(base::Duration duration) {
  boost::asio::io_context context(1);
  io::linux_world::Clock clock;
  boost::asio::co_spawn(context, clock.sleep(duration), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
}

/// Of this machine, whatever its clock is set to.
inline base::Duration uptime() { return io::linux_world::Clock().uptime(); }

}  // namespace caravan::cli
