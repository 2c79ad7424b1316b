// SPDX-License-Identifier: Apache-2.0
// Randomness comes in through here: the kernel's, or the seed's.
#pragma once

#include <cstdint>
#include <span>

#include "base/id.hpp"
#include "base/time.hpp"

namespace caravan::io {

class Random {
 public:
  virtual ~Random() = default;
  /// Fills with unpredictable bytes, fit for keys (the simulated twin is predictable, for tests).
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  base::Uuid uuid();
  /// A number in 0..limit-1. Precondition: limit > 0.
  std::uint64_t below(std::uint64_t limit);
  /// `duration` plus up to `share` of it, so that many waiters do not wake in step.
  base::Duration jitter(base::Duration duration, double share);
};

}  // namespace caravan::io
