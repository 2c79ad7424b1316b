// SPDX-License-Identifier: Apache-2.0
// All that an agent knows of the outside, in one handful. `io/linux` fills it with the kernel,
// `sim` with a seed. References outlive everything that is built on them.
#pragma once

#include "io/clock.hpp"
#include "io/disk.hpp"
#include "io/executor.hpp"
#include "io/log.hpp"
#include "io/network.hpp"
#include "io/processes.hpp"
#include "io/random.hpp"

namespace caravan::io {

struct World {
  Clock& clock;
  Random& random;
  Executor& executor;
  Network& network;
  Disk& disk;
  Processes& processes;
  LogSink& log;
};

}  // namespace caravan::io
