// SPDX-License-Identifier: Apache-2.0
#include "io/linux/log_sink.hpp"

#include <unistd.h>

namespace caravan::io::linux_world {

void DescriptorSink::write(const LogLine& line) {
  const std::scoped_lock lock(mutex_);
  const bool shown = line.level >= level_.load(std::memory_order_relaxed);
  if (shown) {
    const std::string text = format_line(line) + "\n";
    // A full disk or a closed terminal must not stop the agent; there is nowhere else to say so.
    (void)!::write(fd_, text.data(), text.size());
  }
  for (const auto& [number, listener] : listeners_)
    listener(line);
}

int DescriptorSink::listen(Listener listener) {
  const std::scoped_lock lock(mutex_);
  listeners_.emplace(next_, std::move(listener));
  ++listener_count_;
  return next_++;
}

void DescriptorSink::unlisten(int number) {
  const std::scoped_lock lock(mutex_);
  listener_count_ -= static_cast<int>(listeners_.erase(number));
}

}  // namespace caravan::io::linux_world
