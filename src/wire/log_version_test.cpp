// SPDX-License-Identifier: Apache-2.0
#include "wire/log_version.hpp"

#include <gtest/gtest.h>

#include "wire/command.hpp"

namespace caravan::wire {
namespace {

std::string encoded(AnyCommand command) {
  return encode_command({.time_ns = 1, .body = std::move(command)});
}

TEST(LogVersion, of_each_kind_is_the_first_that_knew_it) {
  EXPECT_EQ(version_of(kind_of<RegisterJob>()), 1u);
  EXPECT_EQ(version_of(kind_of<ResealVariables>()), 1u);
  EXPECT_EQ(version_of(kind_of<SetLogVersion>()), 2u);
  EXPECT_EQ(version_of(kind_of<ChangeCatalog>()), 2u);
  EXPECT_EQ(version_of(kind_of<UpsertAuthMethods>()), 3u);
  EXPECT_EQ(version_of(kind_of<ApplyOnce>()), 4u);
  EXPECT_EQ(version_of(command_kinds), log_version + 1);
}

TEST(LogVersion, what_is_above_it_is_not_understood) {
  EXPECT_TRUE(understands(1, encoded(PurgeNodes())));
  EXPECT_TRUE(understands(2, encoded(SetLogVersion{2, {}})));
  EXPECT_EQ(understands(1, encoded(SetLogVersion{2, {}})).error().message, newer_log(2, 1));
  EXPECT_EQ(understands(2, encoded(SetLogVersion{3, {}})).error().message, newer_log(3, 2));
  std::string unknown;
  put_varint(unknown, command_kinds);
  EXPECT_EQ(understands(log_version, unknown).error().code, base::Code::unsupported);
}

}  // namespace
}  // namespace caravan::wire
