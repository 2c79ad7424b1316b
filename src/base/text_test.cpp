// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

#include "base/id.hpp"

namespace caravan::base {
namespace {

TEST(Text, base64_round_trips_every_length) {
  for (const std::string text : {"", "a", "ab", "abc", "abcd"})
    EXPECT_EQ(base64_decode(base64_encode(text)), text);
  EXPECT_FALSE(base64_decode("a===").has_value());
  EXPECT_FALSE(base64_decode("ab!=").has_value());
}

TEST(Text, a_slip_of_the_pen_finds_its_word_and_nonsense_finds_none) {
  const std::vector<std::string> known = {"datacenters", "constraint", "count"};
  EXPECT_EQ(nearest("datacentres", known), "datacenters");
  EXPECT_EQ(nearest("zebra", known), "");
}

TEST(Text, globs_match_runs_of_characters) {
  EXPECT_TRUE(glob_match("dc*", "dc1"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("a*b*c", "axxbyyc"));
  EXPECT_FALSE(glob_match("a*b", "ac"));
}

TEST(Text, only_well_formed_utf8_passes) {
  EXPECT_TRUE(is_utf8("caf\u00e9 \U0001F42A"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xe2\x82"));
}

TEST(Text, percent_escapes_decode_or_are_refused) {
  EXPECT_EQ(percent_decode("a%2Fb+c", true), "a/b c");
  EXPECT_FALSE(percent_decode("%2").has_value());
  EXPECT_FALSE(percent_decode("%zz").has_value());
  EXPECT_EQ(percent_encode("a/b c"), "a%2Fb%20c");
}

TEST(Uuid, prints_what_it_read_and_refuses_the_rest) {
  const std::string text = "8b3d4f1c-0a2e-4c7d-9f10-abcdef012345";
  EXPECT_EQ(Uuid::parse(text)->to_string(), text);
  EXPECT_TRUE(Uuid::parse("")->is_nil());
  EXPECT_FALSE(Uuid::parse("8b3d4f1c0a2e-4c7d-9f10-abcdef0123456").has_value());
}

}  // namespace
}  // namespace caravan::base
