// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/variable.hpp"

namespace caravan::model {
namespace {

TEST(VariableTest, paths_are_plain_and_leave_the_reserved_ones_alone) {
  for (const char* good : {"a", "app/db", "nomad/jobs", "nomad/jobs/web/group/task", "nomads/x",
                           "nomad/job-templates/one", "nomad/sentinel/x", "A-z_0~9"})
    EXPECT_EQ(path_complaint(good), "") << good;
  for (const char* bad : {"", "/a", "a/", "a b", "a.b", "ü", "nomad", "nomad/other", "nomad/jobsx",
                          "nomad/job-templates/", "nomad/job-templates/a/b"})
    EXPECT_NE(path_complaint(bad), "") << bad;
  EXPECT_EQ(path_complaint(std::string(128, 'a')), "");
  EXPECT_NE(path_complaint(std::string(129, 'a')), "");
}

TEST(VariableTest, items_have_names_and_a_limit) {
  EXPECT_EQ(items_complaint({}), "");
  EXPECT_EQ(items_complaint({{"k", std::string(variable_bytes_max - 1, 'x')}}), "");
  EXPECT_NE(items_complaint({{"k", std::string(variable_bytes_max, 'x')}}), "");
  EXPECT_NE(items_complaint({{"", "x"}}), "");
}

TEST(VariableTest, locks_last_between_ten_seconds_and_a_day) {
  VariableLock lock;
  EXPECT_EQ(lock_complaint(lock), "");
  lock.ttl = base::Duration(9'000'000'000);
  EXPECT_NE(lock_complaint(lock), "");
  lock.ttl = lock_ttl_max;
  lock.delay = base::Duration(-1);
  EXPECT_NE(lock_complaint(lock), "");
}

}  // namespace
}  // namespace caravan::model
