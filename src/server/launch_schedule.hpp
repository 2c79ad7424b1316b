// SPDX-License-Identifier: Apache-2.0
// When a periodic job is due.
#pragma once

#include "base/cron.hpp"
#include "io/disk.hpp"
#include "model/job.hpp"

namespace caravan::server {

struct LaunchSchedule {
  std::vector<base::Cron> crons;
  base::TimeZone zone;

  std::optional<base::Instant> next(base::Instant after) const {
    return base::next_of(crons, after, zone);
  }
};

/// Errors: invalid (an expression, or a time zone that this machine does not know).
base::Result<LaunchSchedule> schedule_of(const model::PeriodicConfig& periodic, io::Disk& disk);

}  // namespace caravan::server
