// SPDX-License-Identifier: Apache-2.0
// Time as the rest of Caravan sees it: nanoseconds, as in the public JSON. Nothing here asks what
// time it is; that is io::Clock's business.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::base {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// A point of wall-clock time: nanoseconds since 1970-01-01 UTC. Zero means "never" or "unset".
struct Instant {
  std::int64_t unix_ns = 0;

  static constexpr Instant from_seconds(std::int64_t seconds) { return {seconds * 1'000'000'000}; }
  constexpr bool is_zero() const { return unix_ns == 0; }
  constexpr std::int64_t seconds() const { return unix_ns / 1'000'000'000; }

  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant t, Duration d) { return {t.unix_ns + d.count()}; }
  friend constexpr Instant operator-(Instant t, Duration d) { return {t.unix_ns - d.count()}; }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return Duration(a.unix_ns - b.unix_ns);
  }
};

/// Reads a Go duration: "1h30m", "250ms", "-1.5s", "0". Units ns, us, µs, ms, s, m, h.
/// Errors: invalid, with the text quoted; also when the value does not fit 64-bit nanoseconds.
Result<Duration> parse_duration(std::string_view text);

/// Writes a duration as Go does: "1h30m0s", "250ms", "0s".
std::string format_duration(Duration duration);

/// Reads RFC 3339 with optional fraction and any offset: "2026-01-02T15:04:05.25+02:00".
Result<Instant> parse_rfc3339(std::string_view text);

/// Writes RFC 3339 in UTC with as many fraction digits as needed: "2026-01-02T15:04:05.25Z".
std::string format_rfc3339(Instant instant);

/// The civil date and time of an instant in UTC.
struct Civil {
  int year, month, day, hour, minute, second;
  int weekday;  // 0 is Sunday
};
Civil to_civil(Instant instant);

}  // namespace caravan::base
