// SPDX-License-Identifier: Apache-2.0
// Which request a task runs for. The id goes with the task's executor to everything that is awaited
// on the same lane, so that the many functions between a route and the log need not hand it on
// (ADR 40). It is an id and nothing else: what a function needs to decide is still an argument. For
// .cpp files of chapters that do IO.
#pragma once

#include "base/id.hpp"
#include "io/task.hpp"

namespace caravan::io {

/// `lane` with the id in it.
boost::asio::any_io_executor with_request(boost::asio::any_io_executor lane, base::Uuid request);

/// Runs `task` for a request, on the lane of the caller, and is cancelled with it.
template <class T>
Task<T> for_request(base::Uuid request, Task<T> task) {
  const boost::asio::any_io_executor lane = co_await boost::asio::this_coro::executor;
  const boost::asio::any_io_executor tagged = with_request(lane, request);
  co_return co_await boost::asio::co_spawn(tagged, std::move(task), boost::asio::use_awaitable);
}

/// The request that the caller runs for, to the first who asks: there is one command that answers
/// a request. Nil: there is none, or it was taken, or another lane was entered since.
Task<base::Uuid> take_request();

}  // namespace caravan::io
