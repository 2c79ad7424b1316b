// SPDX-License-Identifier: Apache-2.0
#include "sim/knobs.hpp"

#include <fmt/core.h>

#include "sim/random.hpp"

namespace caravan::sim {
using namespace std::chrono_literals;

Knobs Knobs::draw(SimRandom& random) {
  Knobs knobs;
  knobs.latency_max = random.between(base::Duration(1ms), base::Duration(80ms));
  if (random.chance(500)) knobs.stall = static_cast<int>(random.between(1, 50));
  if (random.chance(300)) knobs.reset = static_cast<int>(random.between(1, 10));
  if (random.chance(300)) knobs.sdcard();
  if (random.chance(300)) knobs.sync_spike = static_cast<int>(random.between(1, 30));
  knobs.torn = static_cast<int>(random.between(0, 500));
  knobs.dropped = static_cast<int>(random.between(0, 500));
  if (random.chance(300)) knobs.skew_max = random.between(base::Duration(1s), base::Duration(1h));
  return knobs;
}

Knobs& Knobs::sdcard() {
  sync_min = 10ms;
  sync_max = 50ms;
  return *this;
}

std::string Knobs::to_string() const {
  using base::format_duration;
  return fmt::format(
      "latency={}..{} stall={} reset={} sync={}..{} spike={} torn={} dropped={} skew={}",
      format_duration(latency_min), format_duration(latency_max), stall, reset,
      format_duration(sync_min), format_duration(sync_max), sync_spike, torn, dropped,
      format_duration(skew_max));
}

}  // namespace caravan::sim
