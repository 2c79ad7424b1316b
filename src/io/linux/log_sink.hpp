// SPDX-License-Identifier: Apache-2.0
// Log lines to a file descriptor, and to whoever listens.
#pragma once

#include <map>
#include <mutex>

#include "io/log_source.hpp"

namespace caravan::io::linux_world {

class DescriptorSink : public LogSink, public LogSource {
 public:
  DescriptorSink(int fd, Level level) : fd_(fd), level_(level) {}
  void write(const LogLine& line) override;
  void set_level(Level level) { level_.store(level, std::memory_order_relaxed); }

  int listen(Listener listener) override;
  void unlisten(int number) override;
  bool is_heard(Level level) const override {
    return level >= level_.load(std::memory_order_relaxed) ||
           listener_count_.load(std::memory_order_relaxed) > 0;
  }

 private:
  int fd_;
  std::atomic<Level> level_;
  std::mutex mutex_;  // guards the listeners, and keeps lines whole
  std::map<int, Listener> listeners_;
  std::atomic<int> listener_count_ = 0;
  int next_ = 1;
};

}  // namespace caravan::io::linux_world
