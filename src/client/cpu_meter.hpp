// SPDX-License-Identifier: Apache-2.0
// From what something has had of processors to how much it uses. Pure.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "driver/driver.hpp"

namespace caravan::client {

/// Of one processor: 1 is all of one, 2 all of two.
struct CpuShare {
  double user = 0, system = 0;
  double all() const { return user + system; }
};

/// Keeps the reading before. Nobody has to ask regularly: who asks after a while gets what is used
/// in a moment, and who asks every second what was used in that second.
class CpuMeter {
 public:
  /// An older reading says nothing of now.
  static constexpr base::Duration reading_age_max{5'000'000'000};
  /// Between two readings, lest the clock's grain decides.
  static constexpr base::Duration window_min{200'000'000};

  /// Takes `read` as the reading before when there is none that says anything of now. How long to
  /// wait until measure() can say something; zero: nothing.
  base::Duration begin(const driver::CpuTime& read, base::Duration uptime);
  /// Since the reading before; what was said last when that is younger than `window_min`.
  CpuShare measure(const driver::CpuTime& read, base::Duration uptime);

 private:
  struct Reading {
    driver::CpuTime time;
    base::Duration uptime;
  };
  std::optional<Reading> before_;
  std::optional<CpuShare> said_;  // at the reading before
};

}  // namespace caravan::client
