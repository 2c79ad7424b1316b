// SPDX-License-Identifier: Apache-2.0
#include "cli/format.hpp"

#include <gtest/gtest.h>

namespace caravan::cli {
namespace {

constexpr std::int64_t second = 1'000'000'000;

TEST(Format, TablesPadAllColumnsButTheLast) {
  EXPECT_EQ(table({{"ID", "DC", "Class", "Status"}, {"4f48a0bc", "dc1", "", "ready"}}),
            "ID        DC   Class   Status\n"
            "4f48a0bc  dc1  <none>  ready");
}

TEST(Format, AnEmptyLastCellLeavesItsGutter) {
  EXPECT_EQ(table({{"CPU", "Addresses"}, {"0/50 MHz", ""}}, ""), "CPU       Addresses\n0/50 MHz  ");
}

TEST(Format, TablesWithNothingInThemAreEmpty) { EXPECT_EQ(table({}), ""); }

TEST(Format, WidthsCountCharactersNotBytes) {
  EXPECT_EQ(table({{"a", "b"}, {"5µs", "x"}}), "a    b\n5µs  x");
}

TEST(Format, KeysAreAligned) {
  EXPECT_EQ(key_values({{"ID", "web"}, {"Job Version", ""}}),
            "ID          = web\nJob Version = <none>");
}

TEST(Format, AgesShowTheirTwoLargestUnits) {
  const std::int64_t now = 1'700'000'000 * second;
  EXPECT_EQ(time_ago(now, now), "0s ago");
  EXPECT_EQ(time_ago(now - 2 * second, now), "2s ago");
  EXPECT_EQ(time_ago(now - 10920 * second, now), "3h2m ago");
  EXPECT_EQ(time_ago(now - 3605 * second, now), "1h ago");
  EXPECT_EQ(time_ago(now - 40 * 86400 * second, now), "1mo10d ago");
  EXPECT_EQ(time_ago(0, now), "");
}

TEST(Format, SizesHaveTwoDigitsAtLeast) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(20), "20 B");
  EXPECT_EQ(format_bytes(4096), "4.0 KiB");
  EXPECT_EQ(format_bytes(28.0 * 1024 * 1024), "28 MiB");
  EXPECT_EQ(format_bytes(25276510208.0), "24 GiB");
  EXPECT_EQ(format_bytes(-1), "0 B");
}

TEST(Format, JsonIsSortedByName) {
  EXPECT_EQ(pretty_json(json::Object{{"b", json::Array{1}}, {"a", nullptr}}),
            "{\n    \"a\": null,\n    \"b\": [\n        1\n    ]\n}");
}

TEST(Format, WhatIsMissingReadsAsEmpty) {
  const json::Value value = json::Object{{"n", "text"}};
  EXPECT_EQ(text(value, "x"), "");
  EXPECT_EQ(integer(value, "n"), 0);
  EXPECT_TRUE(list(value, "n").empty());
  EXPECT_FALSE(boolean(nullptr, "x"));
}

}  // namespace
}  // namespace caravan::cli
