// SPDX-License-Identifier: Apache-2.0
#include "sim/timeline.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "sim/random.hpp"

namespace caravan::sim {

void Timeline::at(base::Duration when, std::function<void()> action) {
  queue_.push({std::max(when, now_), seq_++, std::move(action)});
}

void Timeline::after(base::Duration delay, std::function<void()> action) {
  at(now_ + std::max(delay, base::Duration(0)), std::move(action));
}

void Timeline::run_one() {
  // The action may add entries, so it must leave the queue first; top() is const only for the
  // order.
  Entry entry = std::move(const_cast<Entry&>(queue_.top()));
  queue_.pop();
  ASSERT(entry.when >= now_);
  now_ = entry.when;
  note(static_cast<std::uint64_t>(now_.count()) ^ entry.seq << 40);
  entry.action();
}

void Timeline::pass_to(base::Duration when) { now_ = std::max(now_, when); }

void Timeline::note(std::uint64_t word) { trace_ = mix(trace_, word); }

}  // namespace caravan::sim
