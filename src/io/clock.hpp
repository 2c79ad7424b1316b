// SPDX-License-Identifier: Apache-2.0
// Time comes in through here. The real clock asks the kernel; the simulated one moves only when
// everybody sleeps.
#pragma once

#include "base/time.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall-clock time. May jump; only for what people and other machines read.
  virtual base::Instant now() const = 0;
  /// Time since boot, suspended time included (CLOCK_BOOTTIME). Never goes back; for deadlines.
  virtual base::Duration uptime() const = 0;
  /// Sleeps at least `duration`. Ends early, with the usual exception, when its task is cancelled.
  virtual Task<void> sleep(base::Duration duration) = 0;
};

}  // namespace caravan::io
