// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class RegistryTest : public testing::Test {
 protected:
  std::vector<std::string> apply(wire::AnyCommand body) {
    return store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  std::vector<std::string> fire(std::uint8_t n) {
    return apply(wire::FireEvent{.event = {.id = id(n), .name = "deploy"}, .unknown = {}});
  }
  std::vector<std::uint64_t> ltimes() const {
    std::vector<std::uint64_t> all;
    store_.snapshot()->user_events.each(
        [&](std::uint64_t, const auto& event) { all.push_back(event->ltime); });
    return all;
  }

  Store store_;
  std::uint64_t index_ = 0;
};

TEST_F(RegistryTest, events_are_numbered_and_who_waits_for_them_is_woken) {
  EXPECT_EQ(fire(1), std::vector{key::table(Table::user_events)});
  fire(2);
  EXPECT_EQ(ltimes(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(RegistryTest, only_the_newest_events_are_kept) {
  for (std::size_t i = 0; i < model::user_events_max + 3; ++i)
    fire(7);
  EXPECT_EQ(ltimes().size(), model::user_events_max);
  EXPECT_EQ(ltimes().front(), 4U);
  EXPECT_EQ(ltimes().back(), model::user_events_max + 3);
}

}  // namespace
}  // namespace caravan::state
