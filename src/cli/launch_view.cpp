// SPDX-License-Identifier: Apache-2.0
#include "cli/launch_view.hpp"

#include <chrono>

#include <fmt/core.h>

#include "base/cron.hpp"
#include "cli/format.hpp"
#include "io/linux/disk.hpp"
#include "io/zone.hpp"

namespace caravan::cli {

std::string next_launch_text(const json::Value& periodic, base::Instant now) {
  std::vector<std::string> expressions = texts(periodic.at("Specs"));
  if (expressions.empty()) expressions.push_back(text(periodic, "Spec"));
  std::vector<base::Cron> crons;
  for (const std::string& expression : expressions) {
    base::Result<base::Cron> cron = base::Cron::parse(expression);
    if (!cron) return fmt::format("none ({})", cron.error().message);
    crons.push_back(*std::move(cron));
  }
  io::linux_world::Disk disk;
  const base::Result<base::TimeZone> zone = io::load_time_zone(disk, text(periodic, "TimeZone"));
  if (!zone) return fmt::format("none (time zone {})", zone.error().message);
  const auto next = base::next_of(crons, now, *zone);
  if (!next) return "none (its times are over)";
  const auto left = std::chrono::round<std::chrono::seconds>(*next - now);
  return fmt::format("{} ({} from now)", format_time(next->unix_ns), base::format_duration(left));
}

}  // namespace caravan::cli
