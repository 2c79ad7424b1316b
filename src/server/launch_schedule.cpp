// SPDX-License-Identifier: Apache-2.0
#include "server/launch_schedule.hpp"

#include "io/zone.hpp"

namespace caravan::server {

base::Result<LaunchSchedule> schedule_of(const model::PeriodicConfig& periodic, io::Disk& disk) {
  LaunchSchedule schedule;
  for (const std::string& text : periodic.expressions()) {
    TRY(base::Cron cron, base::Cron::parse(text));
    schedule.crons.push_back(std::move(cron));
  }
  base::Result<base::TimeZone> zone = io::load_time_zone(disk, periodic.time_zone);
  if (!zone) return base::invalid("Job.Periodic.TimeZone: " + zone.error().message);
  schedule.zone = *std::move(zone);
  return schedule;
}

}  // namespace caravan::server
