// SPDX-License-Identifier: Apache-2.0
// Who waits for which keys to change. A parked query holds its keys, never a snapshot.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/clock.hpp"
#include "io/task_fwd.hpp"

namespace caravan::server {

/// More parked queries are refused with 429: each costs a connection and some memory.
inline constexpr std::size_t parked_queries_max = 20'000;

class Watches {
 public:
  explicit Watches(io::Clock& clock) : clock_(clock) {}

  /// Waits on the caller's lane until one of the keys is touched or the time is over. A key that
  /// begins with state::watch_all_under is touched with every key that begins with its rest. `seen`
  /// is the number that ticket() gave before the caller looked at the state: a touch since then
  /// ends the wait at once. Returns whether there was one. Errors: unavailable when too many wait.
  io::Task<base::Result<bool>> wait(std::vector<std::string> keys, std::uint64_t seen,
                                    base::Duration timeout);
  /// Take it before reading the snapshot.
  std::uint64_t ticket() const { return touches_.load(std::memory_order_acquire); }

  /// Wakes those who wait for any of the keys. Any thread; after the state was published.
  void touch(const std::vector<std::string>& keys);
  /// Wakes everybody, for an end or a restored snapshot.
  void touch_all();
  /// The agent is ending: every wait, now and later, ends with an error.
  void close();
  std::size_t parked() const { return parked_.load(std::memory_order_relaxed); }

 private:
  struct Waiter;
  void add(const std::shared_ptr<Waiter>& waiter);
  void remove(const std::shared_ptr<Waiter>& waiter);
  void wake_all(const std::string& key);
  void wake_prefixes_of(const std::string& key);

  io::Clock& clock_;
  std::mutex mutex_;  // guards what follows
  /// By key, in the order of their coming.
  std::unordered_map<std::string, std::map<std::uint64_t, std::shared_ptr<Waiter>>> waiters_;
  /// How many of those keys stand for all that begin so, by the length of their beginning.
  std::map<std::size_t, std::size_t> prefix_lengths_;
  std::uint64_t came_ = 0;
  std::atomic<std::uint64_t> touches_{0};
  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> parked_{0};
};

}  // namespace caravan::server
