// SPDX-License-Identifier: Apache-2.0
#include "model/coordinate.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

Coordinate at(double x, double y, double height) {
  Coordinate c;
  c.vec[0] = x;
  c.vec[1] = y;
  c.height = height;
  return c;
}

TEST(Coordinate, distance_is_the_way_and_both_heights) {
  EXPECT_DOUBLE_EQ(distance(at(0, 0, 0.001), at(0.003, 0.004, 0.002)), 0.008);
}

TEST(Coordinate, adjustments_count_unless_they_make_nothing_of_it) {
  Coordinate a = at(0, 0, 0.001);
  const Coordinate b = at(0.003, 0.004, 0.002);
  a.adjustment = -0.002;
  EXPECT_DOUBLE_EQ(distance(a, b), 0.006);
  EXPECT_DOUBLE_EQ(raw_distance(a, b), 0.008);
  a.adjustment = -1;
  EXPECT_DOUBLE_EQ(distance(a, b), 0.008);
}

TEST(Coordinate, what_is_no_place_is_refused) {
  EXPECT_EQ(coordinate_complaint(Coordinate()), "");
  Coordinate c;
  c.vec.pop_back();
  EXPECT_EQ(coordinate_complaint(c), "Coordinate has 7 dimensions, and not 8");
  for (const double wild : {11.0, -11.0, std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN()})
    EXPECT_NE(coordinate_complaint(at(wild, 0, 0.1)), "") << wild;
  EXPECT_NE(coordinate_complaint(at(0, 0, -1)), "");
}

TEST(Coordinate, small_steps_are_not_noticed) {
  EXPECT_FALSE(has_moved(at(0, 0, 0), at(0.00009, 0, 0)));
  EXPECT_TRUE(has_moved(at(0, 0, 0), at(0.00011, 0, 0)));
  EXPECT_FALSE(has_moved(at(0.1, 0, 0), at(0.109, 0, 0)));
  EXPECT_TRUE(has_moved(at(0.1, 0, 0), at(0.111, 0, 0)));
  Coordinate surer = at(0, 0, 0);
  surer.error = 1.41;
  EXPECT_FALSE(has_moved(at(0, 0, 0), surer));
  surer.error = 1.39;
  EXPECT_TRUE(has_moved(at(0, 0, 0), surer));
}

}  // namespace
}  // namespace caravan::model
