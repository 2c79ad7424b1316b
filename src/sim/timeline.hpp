// SPDX-License-Identifier: Apache-2.0
// Virtual time: a queue of things that happen later. Ties break by arrival, so a run replays.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "base/time.hpp"

namespace caravan::sim {

class Timeline {
 public:
  base::Duration now() const { return now_; }
  /// `when` in the past means now.
  void at(base::Duration when, std::function<void()> action);
  void after(base::Duration delay, std::function<void()> action);
  bool empty() const { return queue_.empty(); }
  base::Duration next() const { return queue_.top().when; }
  /// Moves time to the first entry and runs it. Precondition: not empty.
  void run_one();
  /// Moves time forward over a stretch in which nothing happens.
  void pass_to(base::Duration when);
  /// Forgets what has not happened: actions may hold what must go before the context does.
  void clear() { queue_ = {}; }
  std::uint64_t trace() const { return trace_; }
  void note(std::uint64_t word);

 private:
  struct Entry {
    base::Duration when;
    std::uint64_t seq;
    std::function<void()> action;
    bool operator<(const Entry& other) const {
      return when != other.when ? when > other.when : seq > other.seq;
    }
  };
  base::Duration now_{0};
  std::uint64_t seq_ = 0;
  std::uint64_t trace_ = 1;
  std::priority_queue<Entry> queue_;
};

}  // namespace caravan::sim
