// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "keyring/key_schedule.hpp"
#include "state/store.hpp"

namespace caravan::keyring {
namespace {

using namespace std::chrono_literals;
using Kind = KeyStep::Kind;

constexpr base::Duration rotation = 720h;

class KeyScheduleTest : public testing::Test {
 protected:
  void put(std::uint8_t n, base::Instant made, base::Instant publish = {}, bool active = true) {
    wire::UpsertRootKey command;
    command.key.id = id(n);
    command.key.active = active;
    command.key.create_time_ns = made.unix_ns;
    command.key.publish_time_ns = publish.unix_ns;
    (void)store.apply(++index, wire::encode_command({.time_ns = 1, .body = command}));
  }
  static base::Uuid id(std::uint8_t n) {
    base::Uuid id;
    id.bytes[15] = n;
    return id;
  }
  KeyStep step(base::Duration after, bool opens = true) {
    return next_step(*store.snapshot(), opens, begin + after, rotation);
  }

  state::Store store;
  std::uint64_t index = 0;
  const base::Instant begin = base::Instant::from_seconds(1'000'000);
};

TEST_F(KeyScheduleTest, a_cluster_without_a_key_that_opens_gets_one_at_once) {
  EXPECT_EQ(step(0s, false).kind, Kind::make);
  EXPECT_EQ(step(0s).kind, Kind::make);
  put(1, begin);
  EXPECT_EQ(step(0s).kind, Kind::nothing);
  EXPECT_EQ(step(0s, false).kind, Kind::make);
}

TEST_F(KeyScheduleTest, a_successor_is_shown_at_half_time_and_used_at_the_end) {
  put(1, begin);
  EXPECT_EQ(step(rotation / 2 - 1s).kind, Kind::nothing);
  EXPECT_EQ(step(rotation / 2), (KeyStep{Kind::prepublish, nullptr, begin + rotation}));
  put(2, begin + rotation / 2, begin + rotation, false);
  EXPECT_EQ(step(rotation - 1s).kind, Kind::nothing);
  EXPECT_EQ(step(rotation).kind, Kind::activate);
  EXPECT_EQ(step(rotation).key->id, id(2));
  put(2, begin + rotation / 2,
      begin + rotation);  // its time runs from here, not from its making
  EXPECT_EQ(step(rotation).kind, Kind::nothing);
  EXPECT_EQ(step(rotation + rotation / 2).kind, Kind::prepublish);
}

TEST_F(KeyScheduleTest, of_several_the_first_in_time_comes_first) {
  put(1, begin);
  put(2, begin, begin + 2h, false);
  put(3, begin, begin + 1h, false);
  EXPECT_EQ(step(59min).kind, Kind::nothing);
  EXPECT_EQ(step(3h).key->id, id(3));
}

TEST_F(KeyScheduleTest, a_server_that_slept_through_everything_makes_one) {
  put(1, begin);
  EXPECT_EQ(step(rotation).kind, Kind::make);
}

}  // namespace
}  // namespace caravan::keyring
