// SPDX-License-Identifier: Apache-2.0
// Log lines to a file descriptor, and to whoever listens.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "io/log.hpp"

namespace caravan::io::linux_world {

class DescriptorSink : public LogSink {
 public:
  DescriptorSink(int fd, Level level) : fd_(fd), level_(level) {}
  void write(const LogLine& line) override;
  void set_level(Level level) { level_.store(level, std::memory_order_relaxed); }

  using Listener = std::function<void(Level, const std::string&)>;
  /// Every line of any level goes to the listener, called under a lock on the writer's thread: it
  /// must be quick. Returns a number for unlisten().
  int listen(Listener listener);
  void unlisten(int number);

 private:
  int fd_;
  std::atomic<Level> level_;
  std::mutex mutex_;  // guards the listeners, and keeps lines whole
  std::map<int, Listener> listeners_;
  int next_ = 1;
};

}  // namespace caravan::io::linux_world
