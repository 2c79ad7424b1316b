// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <gtest/gtest.h>

namespace caravan::base {
namespace {

TEST(Duration, reads_what_go_writes) {
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("-250ms"), -250ms);
  EXPECT_EQ(parse_duration("0"), 0ns);
}

TEST(Duration, refuses_what_is_none) {
  for (const char* text : {"", "5", "5 parsecs", "s", "1h-3m", "1..5s", "3000000h"})
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

TEST(Duration, is_written_as_go_writes_it) {
  EXPECT_EQ(format_duration(0ns), "0s");
  EXPECT_EQ(format_duration(90min), "1h30m0s");
  EXPECT_EQ(format_duration(1500ms), "1.5s");
  EXPECT_EQ(format_duration(-2h - 1ms), "-2h0m0.001s");
  EXPECT_EQ(format_duration(Duration::min()), "-2562047h47m16.854775808s");
  EXPECT_EQ(format_duration(Duration::max()), "2562047h47m16.854775807s");
  EXPECT_EQ(format_duration(15us), "15\u00b5s");
}

TEST(Instant, survives_the_round_trip_through_rfc3339) {
  const Instant instant = parse_rfc3339("2026-01-02T17:04:05.25+02:00").value();
  EXPECT_EQ(format_rfc3339(instant), "2026-01-02T15:04:05.25Z");
  EXPECT_EQ(to_civil(instant).weekday, 5);
}

TEST(Instant, refuses_dates_that_do_not_exist) {
  for (const char* text : {"2026-02-30T00:00:00Z", "2026-01-02", "2026-01-02T15:04:05",
                           "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "x"})
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
}

}  // namespace
}  // namespace caravan::base
