// SPDX-License-Identifier: Apache-2.0
#include "checks/tally.hpp"

#include <gtest/gtest.h>

namespace caravan::checks {
namespace {

using model::Health;

TEST(Tally, without_thresholds_each_result_counts_at_once) {
  Tally tally;
  EXPECT_EQ(tally.note(Health::passing, {}, Health::critical), Health::passing);
  EXPECT_EQ(tally.note(Health::critical, {}, Health::passing), Health::critical);
  EXPECT_EQ(tally.note(Health::warning, {}, Health::critical), Health::warning);
}

TEST(Tally, results_are_counted_in_a_row) {
  Tally tally;
  const Thresholds three{3, 2, 3};
  EXPECT_EQ(tally.note(Health::passing, three, Health::critical), Health::critical);
  EXPECT_EQ(tally.note(Health::passing, three, Health::critical), Health::critical);
  EXPECT_EQ(tally.note(Health::critical, three, Health::critical), Health::critical);
  EXPECT_EQ(tally.note(Health::passing, three, Health::critical), Health::critical);
  EXPECT_EQ(tally.note(Health::passing, three, Health::critical), Health::critical);
  EXPECT_EQ(tally.note(Health::passing, three, Health::critical), Health::passing);
  EXPECT_EQ(tally.note(Health::critical, three, Health::passing), Health::passing);
  EXPECT_EQ(tally.note(Health::critical, three, Health::passing), Health::warning);
  EXPECT_EQ(tally.note(Health::critical, three, Health::warning), Health::critical);
}

}  // namespace
}  // namespace caravan::checks
