// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace caravan::base {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

std::int64_t unit_ns(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us" || unit == "\u00b5s" || unit == "\u03bcs") return 1'000;
  if (unit == "ms") return 1'000'000;
  if (unit == "s") return ns_per_second;
  if (unit == "m") return 60 * ns_per_second;
  if (unit == "h") return 3600 * ns_per_second;
  return 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string trimmed_fraction(std::int64_t value, std::int64_t unit, std::string_view suffix) {
  std::string text = fmt::format("{}", value / unit);
  std::int64_t rest = value % unit;
  if (rest != 0) {
    std::string digits;
    for (std::int64_t place = unit / 10; place > 0 && rest > 0; place /= 10) {
      digits += static_cast<char>('0' + rest / place);
      rest %= place;
    }
    text += "." + digits;
  }
  return text + std::string(suffix);
}

/// A fixed-width decimal field of a timestamp; -1 when a character is not a digit.
int digits_at(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return invalid(fmt::format("\"{}\" is not a duration such as 30s or 1h30m", text));
  };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return Duration(0);
  if (rest.empty()) return bad();
  long double total = 0;
  while (!rest.empty()) {
    std::size_t n = 0;
    long double number = 0, place = 1;
    bool any = false, fraction = false;
    for (; n < rest.size() && (is_digit(rest[n]) || (rest[n] == '.' && !fraction)); ++n) {
      if (rest[n] == '.') {
        fraction = true;
        continue;
      }
      any = true;
      if (fraction)
        number += (place /= 10) * (rest[n] - '0');
      else
        number = number * 10 + (rest[n] - '0');
    }
    if (!any) return bad();
    rest.remove_prefix(n);
    std::size_t u = 0;
    while (u < rest.size() && !is_digit(rest[u]) && rest[u] != '.')
      ++u;
    const std::int64_t unit = unit_ns(rest.substr(0, u));
    if (unit == 0) return bad();
    total += number * static_cast<long double>(unit);
    rest.remove_prefix(u);
  }
  if (total > static_cast<long double>(std::numeric_limits<std::int64_t>::max()))
    return invalid(fmt::format("\"{}\" is longer than 292 years", text));
  const auto ns = static_cast<std::int64_t>(std::llround(total));
  return Duration(negative ? -ns : ns);
}

std::string format_duration(Duration duration) {
  std::int64_t ns = duration.count();
  if (ns == 0) return "0s";
  // Has no opposite.
  if (ns == std::numeric_limits<std::int64_t>::min()) return "-2562047h47m16.854775808s";
  const std::string sign = ns < 0 ? "-" : "";
  if (ns < 0) ns = -ns;
  if (ns < 1'000) return sign + fmt::format("{}ns", ns);
  if (ns < 1'000'000) return sign + trimmed_fraction(ns, 1'000, "\u00b5s");
  if (ns < ns_per_second) return sign + trimmed_fraction(ns, 1'000'000, "ms");
  const std::int64_t minute = 60 * ns_per_second, hour = 60 * minute;
  std::string text = sign;
  if (ns >= hour) text += fmt::format("{}h", ns / hour);
  if (ns >= minute) text += fmt::format("{}m", ns % hour / minute);
  return text + trimmed_fraction(ns % minute, ns_per_second, "s");
}

Result<Instant> parse_rfc3339(std::string_view text) {
  const auto bad = [&] { return invalid(fmt::format("\"{}\" is not an RFC 3339 time", text)); };
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2),
            day = digits_at(text, 8, 2);
  const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2),
            second = digits_at(text, 17, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 60)
    return bad();
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':')
    return bad();
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return bad();
  // 64-bit nanoseconds reach from 1677 to 2262.
  if (year < 1678 || year > 2261) return bad();
  std::size_t at = 19;
  std::int64_t fraction = 0, place = ns_per_second;
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit(text[at]); ++at)
      if (place > 1) fraction += (place /= 10) * (text[at] - '0');
  }
  std::int64_t offset = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    if (at + 1 != text.size()) return bad();
  } else {
    const int oh = digits_at(text, at + 1, 2), om = digits_at(text, at + 4, 2);
    if (at + 6 != text.size() || oh < 0 || om < 0 || text[at + 3] != ':') return bad();
    if (text[at] != '+' && text[at] != '-') return bad();
    offset = (oh * 3600 + om * 60) * (text[at] == '-' ? -1 : 1);
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + hour * 3600 + minute * 60 + second - offset;
  return Instant{seconds * ns_per_second + fraction};
}

Civil to_civil(Instant instant) {
  const std::chrono::sys_time<std::chrono::nanoseconds> point{
      std::chrono::nanoseconds(instant.unix_ns)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const auto of_day = std::chrono::floor<std::chrono::seconds>(point - day).count();
  return {int(date.year()),
          int(unsigned(date.month())),
          int(unsigned(date.day())),
          int(of_day / 3600),
          int(of_day / 60 % 60),
          int(of_day % 60),
          int(std::chrono::weekday(day).c_encoding())};
}

std::string format_rfc3339(Instant instant) {
  const Civil c = to_civil(instant);
  std::int64_t fraction = instant.unix_ns % ns_per_second;
  if (fraction < 0) fraction += ns_per_second;
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day,
                                 c.hour, c.minute, c.second);
  if (fraction != 0) text += trimmed_fraction(fraction, ns_per_second, "").substr(1);
  return text + "Z";
}

}  // namespace caravan::base
