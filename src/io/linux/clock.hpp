// SPDX-License-Identifier: Apache-2.0
// The kernel's clock and randomness.
#pragma once

#include "io/clock.hpp"
#include "io/random.hpp"

namespace caravan::io::linux_world {

class Clock : public io::Clock {
 public:
  base::Instant now() const override;
  base::Duration uptime() const override;
  Task<void> sleep(base::Duration duration) override;
};

class Random : public io::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace caravan::io::linux_world
