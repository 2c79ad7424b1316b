// SPDX-License-Identifier: Apache-2.0
// Tasks that belong to somebody. Nothing is detached: a TaskGroup owns what it spawns, can cancel
// all of it, and can be waited for. For .cpp files of chapters that do IO.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {

/// Something to wait for on one executor. notify() wakes all that wait; a later wait() waits for
/// the next notify(). Waiters are cancelled when their task is.
class Event {
 public:
  explicit Event(boost::asio::any_io_executor executor);
  void notify();
  Task<void> wait();

 private:
  std::shared_ptr<boost::asio::steady_timer> timer_;
};

/// Owns running tasks on one executor. All members are called on that executor. A task that ends by
/// an exception (other than cancellation) ends the process: our bugs are not logged and forgotten.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();  // cancels what still runs; prefer stop() where the tasks touch the owner
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Task<void> task);
  /// Asks every task to end; they see it as an exception at their next wait.
  void cancel();
  /// cancel(), then waits until all have ended.
  Task<void> stop();
  /// Waits until all have ended on their own.
  Task<void> drain();
  std::size_t running() const;
  boost::asio::any_io_executor executor() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Runs a task on another lane and brings its value back to the calling one. It is not cancelled
/// with the caller: a signal emitted on one thread must not reach an operation of another.
template <class T>
Task<T> on(boost::asio::any_io_executor executor, Task<T> task) {
  return boost::asio::co_spawn(executor, std::move(task),
                               boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                                                   boost::asio::use_awaitable));
}

}  // namespace caravan::io
