// SPDX-License-Identifier: Apache-2.0
#include "io/task.hpp"

#include <cstdio>
#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/assert.hpp"

namespace caravan::io {
namespace asio = boost::asio;

Event::Event(asio::any_io_executor executor)
    : timer_(
          std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max())) {}

void Event::notify() { timer_->cancel(); }

Task<void> Event::wait() {
  const auto timer = timer_;  // the owner may go while we wait
  boost::system::error_code woken;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  // A notify and a cancelled task look alike here; only the latter must end the task.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
}

struct TaskGroup::State {
  explicit State(asio::any_io_executor ex) : executor(ex), ended(ex) {}
  asio::any_io_executor executor;
  std::list<asio::cancellation_signal> running;
  Event ended;
  bool cancelled = false;
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(Task<void> task) {
  const auto state = state_;
  const auto entry = state->running.emplace(state->running.end());
  const auto finish = [state, entry](std::exception_ptr failure) {
    state->running.erase(entry);
    state->ended.notify();
    // A cancelled group's tasks end by whatever their waits throw: one abort, or several at once.
    if (!failure || state->cancelled) return;
    try {
      std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
      if (e.code() == asio::error::operation_aborted) return;
      std::fprintf(stderr, "caravan: a task ended by: %s\n", e.what());
    } catch (const std::exception& e) {
      std::fprintf(stderr, "caravan: a task ended by: %s\n", e.what());
    }
    ASSERT(!"a spawned task ended by an exception");
  };
  asio::co_spawn(state->executor, std::move(task),
                 asio::bind_cancellation_slot(entry->slot(), finish));
  if (state->cancelled) entry->emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() {
  const auto state = state_;
  state->cancelled = true;
  for (auto entry = state->running.begin(); entry != state->running.end();) {
    const auto current = entry++;  // emitting may end the task and erase its entry
    current->emit(asio::cancellation_type::terminal);
  }
}

Task<void> TaskGroup::stop() {
  cancel();
  co_await drain();
}

Task<void> TaskGroup::drain() {
  const auto state = state_;
  while (!state->running.empty())
    co_await state->ended.wait();
}

std::size_t TaskGroup::running() const { return state_->running.size(); }

asio::any_io_executor TaskGroup::executor() const { return state_->executor; }

}  // namespace caravan::io
