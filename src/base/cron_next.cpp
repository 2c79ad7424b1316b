// SPDX-License-Identifier: Apache-2.0
// When an expression fires: the days that fit first, then the times of one day, then its zone.
#include <algorithm>

#include "base/cron.hpp"

namespace caravan::base {
namespace {

using std::chrono::year_month_day;
constexpr std::int64_t hour = 3600, day = 86400;

int last_of_month(year_month_day date) {
  return static_cast<int>(unsigned((date.year() / date.month() / std::chrono::last).day()));
}

int weekday_of(year_month_day date) {
  return static_cast<int>(std::chrono::weekday(std::chrono::sys_days(date)).c_encoding());
}

/// The working day of the month that is nearest to the one numbered `number`.
int nearest_workday(year_month_day date, int number) {
  const int last = last_of_month(date);
  const int wanted = std::min(number, last);
  const auto that = date.year() / date.month() / wanted;
  switch (weekday_of(that)) {
    case 6:
      return wanted > 1 ? wanted - 1 : wanted + 2;
    case 0:
      return wanted < last ? wanted + 1 : wanted - 2;
    default:
      return wanted;
  }
}

}  // namespace

std::optional<Instant> Cron::next(Instant after, const TimeZone& zone) const {
  std::int64_t now = after.seconds();
  if (!hours_.all()) {
    std::int64_t local = now + zone.offset_at(now);
    while (const auto wanted = next_local(local)) {
      const std::int64_t at = zone.to_unix(*wanted);
      if (at > now) return Instant::from_seconds(at);
      local = *wanted;  // clocks show it for the second time
    }
    return {};
  }
  while (true) {
    const std::int64_t offset = zone.offset_at(now);
    const auto wanted = next_local(now + offset);
    if (!wanted) return {};
    const auto change = zone.next_change(now);
    if (!change || *wanted - offset < *change) return Instant::from_seconds(*wanted - offset);
    // Past the change the clocks tell another time: look again from there, that moment included.
    const std::int64_t there = zone.offset_at(*change);
    const auto first = next_local(*change - 1 + there);
    if (!first) return {};
    if (*first == *change + there) return Instant::from_seconds(*change);
    now = *change;
  }
}

std::optional<std::int64_t> Cron::next_local(std::int64_t after) const {
  using namespace std::chrono;
  std::int64_t rest = after + 1;
  sys_days date = floor<std::chrono::days>(sys_seconds(std::chrono::seconds(rest)));
  rest -= date.time_since_epoch().count() * day;
  while (true) {
    const year_month_day civil(date);
    const int year = int(civil.year());
    if (year > last_year) return {};
    const bool month_fits = year >= first_year &&
                            years_.test(static_cast<std::size_t>(year - first_year)) &&
                            months_.test(unsigned(civil.month()));
    if (!month_fits) {
      date = sys_days((civil.year() / civil.month() + months(1)) / 1);
      rest = 0;
      continue;
    }
    if (fits(civil))
      if (const auto time = next_of_day(rest)) return date.time_since_epoch().count() * day + *time;
    date += std::chrono::days(1);
    rest = 0;
  }
}

std::optional<std::int64_t> Cron::next_of_day(std::int64_t from) const {
  for (std::int64_t h = from / hour; h < 24; ++h) {
    if (!hours_.test(static_cast<std::size_t>(h))) continue;
    for (std::int64_t m = h == from / hour ? from % hour / 60 : 0; m < 60; ++m) {
      if (!minutes_.test(static_cast<std::size_t>(m))) continue;
      const std::int64_t begin = h * hour + m * 60;
      for (std::int64_t s = std::max<std::int64_t>(from - begin, 0); s < 60; ++s)
        if (seconds_.test(static_cast<std::size_t>(s))) return begin + s;
    }
  }
  return {};
}

bool Cron::fits(year_month_day date) const {
  if (any_day_) return any_weekday_ || fits_weekday(date);
  if (any_weekday_) return fits_day(date);
  return fits_day(date) || fits_weekday(date);
}

bool Cron::fits_day(year_month_day date) const {
  const int number = static_cast<int>(unsigned(date.day()));
  if (days_.test(static_cast<std::size_t>(number))) return true;
  const int last = last_of_month(date);
  if (last_day_ && number == last) return true;
  if (last_workday_ && number == nearest_workday(date, last)) return true;
  for (int wanted = 1; wanted <= last; ++wanted)
    if (workdays_.test(static_cast<std::size_t>(wanted)) && number == nearest_workday(date, wanted))
      return true;
  return false;
}

bool Cron::fits_weekday(year_month_day date) const {
  const auto weekday = static_cast<std::size_t>(weekday_of(date));
  const int number = static_cast<int>(unsigned(date.day()));
  return weekdays_.test(weekday) ||
         (last_weekdays_.test(weekday) && number + 7 > last_of_month(date)) ||
         nth_weekdays_[static_cast<std::size_t>((number + 6) / 7)].test(weekday);
}

std::optional<Instant> next_of(std::span<const Cron> crons, Instant after, const TimeZone& zone) {
  std::optional<Instant> earliest;
  for (const Cron& cron : crons)
    if (const auto next = cron.next(after, zone); next && (!earliest || *next < *earliest))
      earliest = next;
  return earliest;
}

}  // namespace caravan::base
