// SPDX-License-Identifier: Apache-2.0
#include "api/shared_answers.hpp"

namespace caravan::api {

SharedAnswers::Entry SharedAnswers::find(const std::string& key, std::uint64_t index) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.index == index ? found->second : Entry();
}

void SharedAnswers::put(const std::string& key, Entry entry) {
  std::unordered_map<std::string, Entry> gone;  // freed outside the lock
  Entry replaced;
  const std::scoped_lock lock(mutex_);
  const std::size_t size = key.size() + entry.body->plain().size();
  if (size > bytes_max) return;
  if (bytes_ + size > bytes_max) {
    gone = std::exchange(entries_, {});
    bytes_ = 0;
  }
  Entry& place = entries_[key];
  if (place.body) bytes_ -= key.size() + place.body->plain().size();
  bytes_ += size;
  replaced = std::exchange(place, std::move(entry));
}

}  // namespace caravan::api
