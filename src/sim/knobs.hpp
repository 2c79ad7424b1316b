// SPDX-License-Identifier: Apache-2.0
// How bad the world is. Drawn from the seed, printed with every failure. Shares are per thousand.
#pragma once

#include <string>

#include "base/time.hpp"

namespace caravan::sim {
class SimRandom;

struct Knobs {
  base::Duration latency_min{200'000}, latency_max{2'000'000};  // of a network hop
  int stall = 0;                                  // of writes: lost once, sent again
  base::Duration stall_max{1'000'000'000};
  int reset = 0;                                  // of writes: the connection is cut
  bool short_reads = true;                        // reads return less than is there, sometimes
  base::Duration sync_min{50'000}, sync_max{300'000};  // of a disk
  int sync_spike = 0;                             // of syncs: ten times as slow
  int torn = 300;                                 // of unsynced writes at a power cut: partly there
  int dropped = 400;                              // of unsynced writes at a power cut: not there
  base::Duration skew_max{0};                     // of a host's wall clock

  /// Nothing fails unless the test says so.
  static Knobs calm() { return {}; }
  static Knobs draw(SimRandom& random);
  /// Syncs of 10 to 50 ms, as cheap flash has them.
  Knobs& sdcard();
  std::string to_string() const;
};

}  // namespace caravan::sim
