// SPDX-License-Identifier: Apache-2.0
#include "server/event_log.hpp"

#include <algorithm>

namespace caravan::server {

void EventLog::add(Change change) {
  if (!config_.enabled || change.touched->empty()) return;
  std::vector<std::shared_ptr<const Change>> fallen;  // freed outside the lock
  const std::scoped_lock lock(mutex_);
  keys_ += change.touched->size();
  changes_.push_back(std::make_shared<const Change>(std::move(change)));
  while (changes_.size() > 1 && (changes_.size() > config_.size || keys_ > config_.keys_max)) {
    fallen.push_back(std::move(changes_.front()));
    changes_.pop_front();
    keys_ -= fallen.back()->touched->size();
    gone_ = fallen.back()->index;
  }
}

void EventLog::clear(std::uint64_t index) {
  const std::scoped_lock lock(mutex_);
  changes_.clear();
  keys_ = 0;
  gone_ = index;
}

EventLog::Next EventLog::after(std::uint64_t index) const {
  const std::scoped_lock lock(mutex_);
  if (index < gone_) return {nullptr, true};
  const auto next = std::ranges::upper_bound(changes_, index, {},
                                             [](const auto& change) { return change->index; });
  return {next == changes_.end() ? nullptr : *next, false};
}

std::uint64_t EventLog::begin() const {
  const std::scoped_lock lock(mutex_);
  return gone_;
}

}  // namespace caravan::server
