// SPDX-License-Identifier: Apache-2.0
#include "catalog/failover.hpp"

#include <gtest/gtest.h>

namespace caravan::catalog {
namespace {

using Order = std::vector<std::string>;

Order order(int nearest, Order named, const Order& others = {"near", "middle", "far"}) {
  return failover_order({nearest, std::move(named), {}}, others);
}

TEST(Failover, the_nearest_come_first_and_then_those_that_are_named) {
  EXPECT_EQ(order(1, {"far", "middle"}), (Order{"near", "far", "middle"}));
  EXPECT_EQ(order(0, {"far", "near"}), (Order{"far", "near"}));
  EXPECT_EQ(order(9, {}), (Order{"near", "middle", "far"}));
}

TEST(Failover, none_is_asked_twice) {
  EXPECT_EQ(order(2, {"middle", "far", "far", "near"}), (Order{"near", "middle", "far"}));
}

TEST(Failover, who_is_not_known_is_passed_over) {
  EXPECT_EQ(order(0, {"here", "mars", "far"}), (Order{"far"}));
  EXPECT_EQ(order(3, {"here"}, {}), Order{});
  EXPECT_EQ(order(-1, {}), Order{});
}

}  // namespace
}  // namespace caravan::catalog
