// SPDX-License-Identifier: Apache-2.0
// Timestamps are text in RFC 3339. None of these asks what time it is.
#include <fmt/core.h>

#include "base/text.hpp"
#include "base/time.hpp"
#include "hcl/functions.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

constexpr std::string_view months[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
constexpr std::string_view weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};

struct Stamp {
  base::Civil civil;  // in its own zone
  int offset_minutes;
};

/// Instants count nanoseconds in 64 bits, which is about 292 years around 1970.
Result<base::Instant> parse_instant(const std::string& text) {
  const auto year = base::parse_int(text.substr(0, 4));
  if (year && (*year < 1700 || *year > 2250))
    return base::invalid("the year is outside of 1700..2250");
  return base::parse_rfc3339(text);
}

Result<Stamp> parse(const std::string& text) {
  auto instant = parse_instant(text);
  if (!instant) return base::invalid("not a valid RFC3339 timestamp: " + instant.error().message);
  int offset = 0;
  if (text.size() > 6 && text[text.size() - 3] == ':') {
    const std::size_t sign = text.size() - 6;
    TRY(const auto hours, base::parse_int(text.substr(sign + 1, 2)));
    TRY(const auto minutes, base::parse_int(text.substr(sign + 4, 2)));
    offset = static_cast<int>(hours * 60 + minutes) * (text[sign] == '-' ? -1 : 1);
  }
  return Stamp{base::to_civil(*instant + std::chrono::minutes(offset)), offset};
}

std::string zone(const Stamp& stamp, std::size_t letters) {
  if (stamp.offset_minutes == 0 && letters != 4 && letters != 5) return letters == 3 ? "UTC" : "Z";
  const int magnitude = std::abs(stamp.offset_minutes);
  const char sign = stamp.offset_minutes < 0 ? '-' : '+';
  const char* colon = letters == 1 || letters == 5 ? ":" : "";
  return fmt::format("{}{:02}{}{:02}", sign, magnitude / 60, colon, magnitude % 60);
}

/// One run of equal letters, such as "YYYY".
Result<std::string> sequence(const Stamp& stamp, char letter, std::size_t count) {
  const base::Civil& c = stamp.civil;
  const auto numeric = [&](int n) { return fmt::format("{:0{}}", n, count == 1 ? 0 : 2); };
  const int hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
  const std::string_view month = months[c.month - 1];
  const std::string_view weekday = weekdays[c.weekday];
  if (letter == 'Y' && count == 4) return fmt::format("{:04}", c.year);
  if (letter == 'Y' && count == 2) return fmt::format("{:02}", c.year % 100);
  if (letter == 'M' && count == 4) return std::string(month);
  if (letter == 'M' && count == 3) return std::string(month.substr(0, 3));
  if (letter == 'E' && count == 4) return std::string(weekday);
  if (letter == 'E' && count == 3) return std::string(weekday.substr(0, 3));
  if (letter == 'A' && count == 2) return std::string(c.hour < 12 ? "AM" : "PM");
  if (letter == 'a' && count == 2) return std::string(c.hour < 12 ? "am" : "pm");
  if (letter == 'Z' && count <= 5 && count != 2) return zone(stamp, count);
  if (count <= 2) {
    switch (letter) {
      case 'M':
        return numeric(c.month);
      case 'D':
        return numeric(c.day);
      case 'h':
        return numeric(c.hour);
      case 'H':
        return numeric(hour12);
      case 'm':
        return numeric(c.minute);
      case 's':
        return numeric(c.second);
      default:
        break;
    }
  }
  return base::invalid(fmt::format("invalid date format verb \"{}\"",
                                   std::string(std::min<std::size_t>(count, 8), letter)));
}

Result<Value> formatdate(const Arguments& a) {
  TRY(const Stamp stamp, parse(a.text(1)));
  const std::string& format = a.text(0);
  std::string out;
  for (std::size_t i = 0; i < format.size();) {
    const char c = format[i];
    if (c == '\'') {  // quoted text; two quotes alone are one quote
      const std::size_t end = format.find('\'', i + 1);
      if (end == std::string::npos) return base::invalid("unterminated literal '");
      out += end == i + 1 ? "'" : format.substr(i + 1, end - i - 1);
      i = end + 1;
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter) {
      out += c;
      ++i;
      continue;
    }
    const std::size_t end = std::min(format.find_first_not_of(c, i), format.size());
    TRY(const std::string text, sequence(stamp, c, end - i));
    out += text;
    i = end;
  }
  return Value(std::move(out));
}

Result<Value> timeadd(const Arguments& a) {
  TRY(const base::Instant at, parse_instant(a.text(0)));
  TRY(const base::Duration duration, base::parse_duration(a.text(1)));
  std::int64_t sum = 0;
  if (__builtin_add_overflow(at.unix_ns, duration.count(), &sum))
    return base::invalid("the result is out of range");
  return Value(base::format_rfc3339(base::Instant{sum}));
}

constexpr Function rows[] = {
    {"formatdate", "format:s time:s", formatdate},
    {"timeadd", "timestamp:s duration:s", timeadd},
};

}  // namespace

std::span<const Function> time_functions() { return rows; }

}  // namespace caravan::hcl
