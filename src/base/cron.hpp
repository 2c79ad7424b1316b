// SPDX-License-Identifier: Apache-2.0
// Cron expressions as the field writes them: "minute hour day month weekday", with a year behind
// (6 fields) and with seconds before that (7 fields), or @hourly, @daily, @weekly, @monthly,
// @yearly. Fields know lists, ranges, steps and names; days also L, W and #. As in every cron, a
// day counts when either of day and weekday fits, if both are restricted.
//
// Where clocks change: an expression that names its hours runs once for each time it names. A time
// that clocks jump over runs when they have jumped; one that they show twice runs the first time.
// An expression for every hour follows the time that passes, without gaps and without repeats.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/time_zone.hpp"

namespace caravan::base {

inline constexpr std::size_t cron_text_max = 256;

class Cron {
 public:
  /// Errors: invalid, with the field and the reason; also when it names no day that exists.
  static Result<Cron> parse(std::string_view text);

  /// The first time after `after` in whole seconds; none when there is none until 2099.
  std::optional<Instant> next(Instant after, const TimeZone& zone) const;

 private:
  friend class CronReader;
  static constexpr int first_year = 1970, last_year = 2099;

  /// In local seconds, as if they were UTC.
  std::optional<std::int64_t> next_local(std::int64_t after) const;
  std::optional<std::int64_t> next_of_day(std::int64_t seconds_of_day) const;
  bool fits(std::chrono::year_month_day date) const;
  bool fits_day(std::chrono::year_month_day date) const;
  bool fits_weekday(std::chrono::year_month_day date) const;

  std::bitset<60> seconds_, minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_, workdays_;  // from 1; workdays_: the nearest to it (15W)
  bool any_day_ = false, last_day_ = false, last_workday_ = false;  // L, LW
  std::bitset<13> months_;                                          // from 1
  std::bitset<8> weekdays_;                                         // 0 is Sunday
  std::bitset<8> last_weekdays_;                                    // 5L: the month's last Friday
  std::array<std::bitset<8>, 6> nth_weekdays_;                      // 5#3: its third
  bool any_weekday_ = false;
  std::bitset<last_year - first_year + 1> years_;
};

/// The earliest next time of several.
std::optional<Instant> next_of(std::span<const Cron> crons, Instant after, const TimeZone& zone);

}  // namespace caravan::base
