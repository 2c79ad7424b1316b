// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"

#include <gtest/gtest.h>

namespace caravan::base {
namespace {

bool loose(const char* version, const char* range) {
  return satisfies(version, range, VersionRules::loose).value();
}
bool semver(const char* version, const char* range) {
  return satisfies(version, range, VersionRules::semver).value();
}

TEST(Version, ranges_hold_together) {
  EXPECT_TRUE(loose("1.4.2", ">= 1.2, < 2"));
  EXPECT_FALSE(loose("2.0", ">= 1.2, < 2"));
  EXPECT_TRUE(loose("v1.9", "~> 1.4"));
  EXPECT_FALSE(loose("1.5.0", "~> 1.4.2"));
  EXPECT_TRUE(loose("1.4.10", "~> 1.4.2"));
  EXPECT_TRUE(loose("3.10.0", "3.10"));
}

TEST(Version, a_prerelease_satisfies_semver_ranges_but_not_loose_ones) {
  EXPECT_FALSE(loose("1.7.0-beta1", ">= 1.6.0"));
  EXPECT_TRUE(semver("1.7.0-beta1", ">= 1.6.0"));
  EXPECT_FALSE(semver("1.6.0-beta1", ">= 1.6.0"));
}

TEST(Version, identifiers_compare_as_semver_says) {
  const auto v = [](const char* text) { return Version::parse(text).value(); };
  EXPECT_LT(v("1.0.0-alpha"), v("1.0.0-alpha.1"));
  EXPECT_LT(v("1.0.0-alpha.9"), v("1.0.0-alpha.10"));
  EXPECT_LT(v("1.0.0-1"), v("1.0.0-alpha"));
  EXPECT_LT(v("1.0.0-rc.1"), v("1.0.0"));
}

TEST(Version, what_is_none_is_refused) {
  for (const char* text : {"", "a", "1..2", "1.2.3-", "-1"})
    EXPECT_FALSE(Version::parse(text).has_value()) << text;
  EXPECT_FALSE(Version::parse("1.2", true).has_value());
}

}  // namespace
}  // namespace caravan::base
