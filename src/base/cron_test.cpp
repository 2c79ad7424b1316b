// SPDX-License-Identifier: Apache-2.0
#include "base/cron.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace caravan::base {
namespace {

/// Up to three times from `from` on, or why the expression is refused.
std::string launches(const char* expression, const char* from, const TimeZone& zone = {},
                     int count = 3) {
  const Result<Cron> cron = Cron::parse(expression);
  if (!cron) return cron.error().message;
  std::string out;
  Instant at = parse_rfc3339(from).value();
  for (int i = 0; i < count; ++i) {
    const auto next = cron->next(at, zone);
    if (!next) return out + "never";
    out += format_rfc3339(*next) + (i + 1 < count ? " " : "");
    at = *next;
  }
  return out;
}

std::string why_not(const char* expression) {
  const Result<Cron> cron = Cron::parse(expression);
  return cron ? "" : cron.error().message.substr(cron.error().message.find("\": ") + 3);
}

/// Berlin's rules from 1996 on, in a file without changes: only its last line says anything.
TimeZone zone_by_rule(const std::string& rule) {
  std::string header = "TZif2" + std::string(39, '\0');
  header[39] = 1;  // one type, of offset 3600
  const std::string type("\0\0\x0e\x10\0\0", 6);
  return TimeZone::parse(header + type + header + type + "\n" + rule + "\n").value();
}

const TimeZone& berlin() {
  static const TimeZone zone = zone_by_rule("CET-1CEST,M3.5.0,M10.5.0/3");
  return zone;
}

TEST(Cron, FiveFieldsAreMinutesToWeekdays) {
  EXPECT_EQ(launches("30 4 * * *", "2026-01-01T00:00:00Z"),
            "2026-01-01T04:30:00Z 2026-01-02T04:30:00Z 2026-01-03T04:30:00Z");
  EXPECT_EQ(launches("*/20 9-10 * * *", "2026-01-01T09:25:00Z"),
            "2026-01-01T09:40:00Z 2026-01-01T10:00:00Z 2026-01-01T10:20:00Z");
  EXPECT_EQ(launches("5/25 * * * *", "2026-01-01T00:00:00Z"),
            "2026-01-01T00:05:00Z 2026-01-01T00:30:00Z 2026-01-01T00:55:00Z");
  EXPECT_EQ(launches("0 3 1 1 *", "2026-11-20T14:13:03Z", {}, 1), "2027-01-01T03:00:00Z");
}

TEST(Cron, ASixthFieldIsTheYearAndASeventhTheSecond) {
  EXPECT_EQ(launches("*/15 * * * * *", "2026-01-01T00:00:00Z", {}, 2),
            "2026-01-01T00:15:00Z 2026-01-01T00:30:00Z");
  EXPECT_EQ(launches("0 0 1 1 * 2030", "2026-01-01T00:00:00Z", {}, 2),
            "2030-01-01T00:00:00Z never");
  EXPECT_EQ(launches("*/20 * * * * * *", "2026-01-01T00:00:15.5Z"),
            "2026-01-01T00:00:20Z 2026-01-01T00:00:40Z 2026-01-01T00:01:00Z");
  EXPECT_EQ(launches("0 0 1 1 * 2013", "2026-01-01T00:00:00Z"), "never");
}

TEST(Cron, NamesListsAndWords) {
  EXPECT_EQ(launches("0 12 * feb,OCT mon-wed", "2026-02-03T12:00:00Z"),
            "2026-02-04T12:00:00Z 2026-02-09T12:00:00Z 2026-02-10T12:00:00Z");
  EXPECT_EQ(launches("@daily", "2026-02-28T12:00:00Z", {}, 1), "2026-03-01T00:00:00Z");
  EXPECT_EQ(launches("@hourly", "2026-02-28T12:00:00Z", {}, 1), "2026-02-28T13:00:00Z");
  EXPECT_EQ(launches("@weekly", "2026-02-25T12:00:00Z", {}, 1), "2026-03-01T00:00:00Z");
  EXPECT_EQ(launches("0 0 * * 7", "2026-02-25T12:00:00Z", {}, 1), "2026-03-01T00:00:00Z");
  EXPECT_EQ(launches("0 0 * * 5-7", "2026-02-25T12:00:00Z"),
            "2026-02-27T00:00:00Z 2026-02-28T00:00:00Z 2026-03-01T00:00:00Z");
}

TEST(Cron, DaysOfAnyKind) {
  EXPECT_EQ(launches("0 0 29 2 *", "2026-01-01T00:00:00Z", {}, 2),
            "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z");
  EXPECT_EQ(launches("0 0 31 * *", "2026-01-31T00:00:00Z", {}, 2),
            "2026-03-31T00:00:00Z 2026-05-31T00:00:00Z");
  EXPECT_EQ(launches("0 0 13 * fri", "2026-01-08T00:00:00Z"),
            "2026-01-09T00:00:00Z 2026-01-13T00:00:00Z 2026-01-16T00:00:00Z");
  EXPECT_EQ(launches("0 0 L * *", "2028-02-01T00:00:00Z", {}, 1), "2028-02-29T00:00:00Z");
  EXPECT_EQ(launches("0 0 LW * *", "2026-05-01T00:00:00Z", {}, 1), "2026-05-29T00:00:00Z");
  EXPECT_EQ(launches("0 0 15W * *", "2026-08-01T00:00:00Z", {}, 1), "2026-08-14T00:00:00Z");
  EXPECT_EQ(launches("0 0 * * 5L", "2026-01-01T00:00:00Z", {}, 1), "2026-01-30T00:00:00Z");
  EXPECT_EQ(launches("0 0 * * 5#3", "2026-01-01T00:00:00Z", {}, 1), "2026-01-16T00:00:00Z");
}

TEST(Cron, WhatItRefusesItNames) {
  EXPECT_EQ(why_not("* * * *"), "4 fields instead of 5 to 7");
  EXPECT_EQ(why_not("61 * * * *"), "minute: 61 is outside 0..59");
  EXPECT_EQ(why_not("* * 0 * *"), "day: 0 is outside 1..31");
  EXPECT_EQ(why_not("*/0 * * * *"), "minute: \"*/0\" has no step of 1..59");
  EXPECT_EQ(why_not("30-10 * * * *"), "minute: \"30-10\" ends before it begins");
  EXPECT_EQ(why_not("1,,2 * * * *"), "minute: an item of the list is empty");
  EXPECT_EQ(why_not("* * * foo *"), "month: \"foo\" is not a value");
  EXPECT_EQ(why_not("0 0 30 2 *"), "it never fires: none of the days it names exists");
  EXPECT_EQ(why_not("0 0 29 2 * 2027"), "it never fires: none of the days it names exists");
  EXPECT_EQ(why_not("@sometimes"), "it is none of @hourly, @daily, @weekly, @monthly and @yearly");
  EXPECT_EQ(why_not(std::string(300, '*').c_str()), "300 characters, the limit is 256");
}

TEST(Cron, ATimeThatClocksJumpOverRunsOnceAfterTheJump) {
  EXPECT_EQ(launches("*/30 2 * * *", "2026-03-28T12:00:00Z", berlin()),
            "2026-03-29T01:00:00Z 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z");
}

TEST(Cron, ATimeThatClocksShowTwiceRunsOnce) {
  EXPECT_EQ(launches("30 2 * * *", "2026-10-24T12:00:00Z", berlin(), 2),
            "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
}

TEST(Cron, EveryHourFollowsTheTimeThatPasses) {
  EXPECT_EQ(launches("30 * * * *", "2026-03-29T00:00:00Z", berlin()),
            "2026-03-29T00:30:00Z 2026-03-29T01:30:00Z 2026-03-29T02:30:00Z");
  EXPECT_EQ(launches("0 * * * *", "2026-10-24T23:30:00Z", berlin()),
            "2026-10-25T00:00:00Z 2026-10-25T01:00:00Z 2026-10-25T02:00:00Z");
}

TEST(TimeZone, SouthernSummersAndOddOffsets) {
  const TimeZone sydney = zone_by_rule("AEST-10AEDT,M10.1.0,M4.1.0/3");
  EXPECT_EQ(launches("0 9 * * *", "2026-01-01T00:00:00Z", sydney, 1), "2026-01-01T22:00:00Z");
  EXPECT_EQ(launches("0 9 * * *", "2026-07-01T00:00:00Z", sydney, 1), "2026-07-01T23:00:00Z");
  const TimeZone negative = zone_by_rule("IST-1GMT0,M10.5.0,M3.5.0/1");
  EXPECT_EQ(negative.offset_at(parse_rfc3339("2026-12-01T00:00:00Z")->seconds()), 0);
  EXPECT_EQ(negative.offset_at(parse_rfc3339("2026-07-01T00:00:00Z")->seconds()), 3600);
}

TEST(TimeZone, DamagedFilesAreRefused) {
  for (const char* text : {"", "TZif", "not a zone at all, and long enough to hold a whole header"})
    EXPECT_FALSE(TimeZone::parse(text)) << text;
  std::string cut = "TZif2" + std::string(39, '\0');
  cut[35] = 7;
  EXPECT_FALSE(TimeZone::parse(cut + cut));
}

TEST(TimeZone, NamesLeadNowhereElse) {
  EXPECT_EQ(time_zone_file("Europe/Berlin").value(), "/usr/share/zoneinfo/Europe/Berlin");
  EXPECT_EQ(time_zone_file("UTC").value(), "");
  for (const char* name : {"../etc/passwd", "/etc/passwd", "a b"})
    EXPECT_FALSE(time_zone_file(name)) << name;
}

TEST(TimeZone, TheSystemsFileSaysTheSame) {
  std::ifstream file(time_zone_file("Europe/Berlin").value(), std::ios::binary);
  if (!file) GTEST_SKIP() << "no time zones here";
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const Result<TimeZone> zone = TimeZone::parse(bytes);
  ASSERT_TRUE(zone) << zone.error().message;
  for (const char* from : {"2010-07-01T00:00:00Z", "2026-03-28T12:00:00Z", "2060-10-01T00:00:00Z"})
    EXPECT_EQ(launches("30 2 * * sun", from, *zone), launches("30 2 * * sun", from, berlin()));
}

}  // namespace
}  // namespace caravan::base
