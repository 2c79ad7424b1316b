// SPDX-License-Identifier: Apache-2.0
// Where log lines can be heard as they are written.
#pragma once

#include <functional>

#include "io/log.hpp"

namespace caravan::io {

class LogSource {
 public:
  virtual ~LogSource() = default;
  using Listener = std::function<void(const LogLine&)>;
  /// Every line of any level goes to the listener, called under a lock on the writer's thread: it
  /// must be quick, and must not log. Returns a number for unlisten().
  virtual int listen(Listener listener) = 0;
  virtual void unlisten(int number) = 0;
  /// Whether anybody hears lines of this level: where a line costs more than it may, it is not made
  /// for nobody. Any thread.
  virtual bool is_heard(Level level) const = 0;
};

}  // namespace caravan::io
