// SPDX-License-Identifier: Apache-2.0
#include "server/fleets.hpp"

#include <gtest/gtest.h>

namespace caravan::server {
namespace {

TEST(FleetsTest, AFleetIsGivenAgainAfterItsLease) {
  Fleets fleets;
  fleets.keep(2);
  const scheduler::Fleet* first = nullptr;
  {
    Fleets::Lease lease(fleets);
    first = &lease.fleet();
  }
  Fleets::Lease again(fleets);
  EXPECT_EQ(&again.fleet(), first);
  Fleets::Lease other(fleets);
  EXPECT_NE(&other.fleet(), first);
}

TEST(FleetsTest, NoMoreAreKeptThanWasAsked) {
  Fleets fleets;
  fleets.keep(1);
  {
    Fleets::Lease first(fleets), second(fleets);
  }
  EXPECT_EQ(fleets.idle(), 1u);
  fleets.keep(0);
  EXPECT_EQ(fleets.idle(), 0u);
  {
    Fleets::Lease lease(fleets);
  }
  EXPECT_EQ(fleets.idle(), 0u);
  EXPECT_FALSE(fleets.take_oldest());
}

TEST(FleetsTest, TheOneThatWasIdleForLongestFollowsFirst) {
  Fleets fleets;
  fleets.keep(2);
  const scheduler::Fleet* early = nullptr;
  {
    Fleets::Lease late(fleets);
    Fleets::Lease lease(fleets);  // ends first
    early = &lease.fleet();
  }
  EXPECT_EQ(fleets.take_oldest().get(), early);
}

}  // namespace
}  // namespace caravan::server
