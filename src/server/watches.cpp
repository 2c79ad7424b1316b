// SPDX-License-Identifier: Apache-2.0
#include "server/watches.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "io/task.hpp"
#include "state/tables.hpp"

namespace caravan::server {
namespace asio = boost::asio;

struct Watches::Waiter {
  Waiter(asio::any_io_executor ex, std::vector<std::string> k)
      : executor(ex), event(ex), keys(std::move(k)) {}
  asio::any_io_executor executor;
  io::Event event;  // notified on the waiter's own lane
  std::vector<std::string> keys;
  std::uint64_t number = 0;
  bool touched = false;  // written and read on the waiter's own lane
};

namespace {

void wake(const auto& waiter) {
  asio::post(waiter->executor, [waiter] {
    waiter->touched = true;
    waiter->event.notify();
  });
}

bool is_prefix(const std::string& key) {
  return !key.empty() && key.front() == state::watch_all_under;
}

}  // namespace

void Watches::add(const std::shared_ptr<Waiter>& waiter) {
  const std::scoped_lock lock(mutex_);
  waiter->number = ++came_;
  for (const std::string& key : waiter->keys) {
    auto& here = waiters_[key];
    if (here.empty() && is_prefix(key)) ++prefix_lengths_[key.size()];
    here.emplace(waiter->number, waiter);
  }
}

void Watches::remove(const std::shared_ptr<Waiter>& waiter) {
  const std::scoped_lock lock(mutex_);
  for (const std::string& key : waiter->keys) {
    const auto here = waiters_.find(key);
    if (here == waiters_.end()) continue;  // the key was named twice
    here->second.erase(waiter->number);
    if (!here->second.empty()) continue;
    waiters_.erase(here);
    if (is_prefix(key) && --prefix_lengths_[key.size()] == 0) prefix_lengths_.erase(key.size());
  }
}

io::Task<base::Result<bool>> Watches::wait(std::vector<std::string> keys, std::uint64_t seen,
                                           base::Duration timeout) {
  using namespace asio::experimental::awaitable_operators;
  if (closed_.load(std::memory_order_acquire))
    co_return base::fail(base::Code::unavailable, "the agent is ending");
  if (parked_.fetch_add(1) >= parked_queries_max) {
    parked_.fetch_sub(1);
    co_return base::fail(base::Code::busy,
                         "too many blocking queries are waiting; try again later");
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto waiter = std::make_shared<Waiter>(executor, std::move(keys));
  // However it ends, by a wake, by time or by cancellation, the waiter leaves the lists.
  struct Leave {
    Watches& watches;
    const std::shared_ptr<Waiter>& waiter;
    ~Leave() {
      watches.remove(waiter);
      watches.parked_.fetch_sub(1);
    }
  } leave{*this, waiter};
  add(waiter);
  // What changed between the caller's look at the state and our entry in the lists is not known by
  // key; such a caller looks again.
  if (touches_.load(std::memory_order_acquire) != seen) co_return true;
  co_await (waiter->event.wait() || clock_.sleep(timeout));
  co_return waiter->touched;
}

void Watches::touch(const std::vector<std::string>& keys) {
  touches_.fetch_add(1, std::memory_order_acq_rel);
  const std::scoped_lock lock(mutex_);
  for (const std::string& key : keys) {
    wake_all(key);
    if (!prefix_lengths_.empty()) wake_prefixes_of(key);
  }
}

void Watches::wake_all(const std::string& key) {
  const auto here = waiters_.find(key);
  if (here == waiters_.end()) return;
  for (const auto& [number, waiter] : here->second)
    wake(waiter);
}

/// A look for each length that anybody waits for, however many wait.
void Watches::wake_prefixes_of(const std::string& key) {
  const std::string marked = state::watch_all_under + key;
  for (const auto& [length, count] : prefix_lengths_) {
    if (length > marked.size()) break;
    wake_all(marked.substr(0, length));
  }
}

void Watches::close() {
  closed_.store(true, std::memory_order_release);
  touch_all();
}

void Watches::touch_all() {
  touches_.fetch_add(1, std::memory_order_acq_rel);
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, waiters] : waiters_)
    for (const auto& [number, waiter] : waiters)
      wake(waiter);
}

}  // namespace caravan::server
