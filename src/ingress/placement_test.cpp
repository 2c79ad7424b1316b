// SPDX-License-Identifier: Apache-2.0
#include "ingress/placement.hpp"

#include <gtest/gtest.h>

#include "ingress/testing.hpp"

namespace caravan::ingress {
namespace {

using namespace std::chrono_literals;

RoutingTable copies(int first, int last) {
  std::vector<Instance> instances;
  for (int i = first; i <= last; ++i)
    instances.push_back(one_of("web", {"urlprefix-/web"}, i));
  return make_routing_table(instances, usual_settings());
}

TEST(Placement, has_room_for_more_than_there_are) {
  const Placement placement = placement_of(copies(1, 2), {});
  ASSERT_EQ(placement.size(), 1U);
  EXPECT_EQ(placement.begin()->second.size(), 4U);
  EXPECT_EQ(placement_of(copies(1, 10), {}).begin()->second.size(), 16U);
}

TEST(Placement, a_newcomer_gets_a_free_slot_by_commands) {
  const Placement before = placement_of(copies(1, 2), {});
  const ServerChanges changes = change_servers(before, copies(1, 3), 1s, 10s);
  EXPECT_TRUE(changes.is_complete);
  const std::string name = before.begin()->first;
  EXPECT_EQ(changes.commands,
            (std::vector<std::string>{"set server " + name + "/s3 addr 10.0.0.3 port 8080",
                                      "set server " + name + "/s3 weight 10",
                                      "set server " + name + "/s3 state ready"}));
  EXPECT_TRUE(change_servers(changes.placement, copies(1, 3), 2s, 10s).commands.empty());
}

TEST(Placement, who_leaves_gets_nothing_new_and_is_let_go_later) {
  const Placement before = placement_of(copies(1, 2), {});
  const std::string name = before.begin()->first;
  const ServerChanges draining = change_servers(before, copies(1, 1), 5s, 10s);
  EXPECT_EQ(draining.commands, std::vector<std::string>{"set server " + name + "/s2 state drain"});
  EXPECT_EQ(draining.next_due, 15s);
  EXPECT_TRUE(change_servers(draining.placement, copies(1, 1), 14s, 10s).commands.empty());
  const ServerChanges gone = change_servers(draining.placement, copies(1, 1), 15s, 10s);
  EXPECT_EQ(gone.commands, std::vector<std::string>{"set server " + name + "/s2 state maint"});
  EXPECT_EQ(gone.placement.begin()->second[1], Slot());
}

TEST(Placement, who_comes_back_while_leaving_is_let_in_again) {
  const Placement before = placement_of(copies(1, 2), {});
  const ServerChanges draining = change_servers(before, copies(1, 1), 5s, 10s);
  const ServerChanges back = change_servers(draining.placement, copies(1, 2), 6s, 10s);
  ASSERT_EQ(back.commands.size(), 3U);
  EXPECT_TRUE(back.commands[2].ends_with("/s2 state ready"));
}

TEST(Placement, without_a_free_slot_a_new_configuration_is_needed) {
  const Placement before = placement_of(copies(1, 2), {});
  EXPECT_FALSE(change_servers(before, copies(1, 5), 1s, 10s).is_complete);
  EXPECT_FALSE(change_servers({}, copies(1, 1), 1s, 10s).is_complete);
}

TEST(Placement, servers_keep_their_slots_over_a_reload) {
  const Placement before = placement_of(copies(1, 3), {});
  const Placement after = placement_of(copies(2, 3), before);
  EXPECT_EQ(after.begin()->second[0], Slot());
  EXPECT_EQ(after.begin()->second[1].address, "10.0.0.2");
}

TEST(Placement, a_vanished_route_lets_its_servers_go_at_once) {
  const Placement before = placement_of(copies(1, 1), {});
  const ServerChanges changes = change_servers(before, {}, 1s, 10s);
  ASSERT_EQ(changes.commands.size(), 1U);
  EXPECT_TRUE(changes.commands[0].ends_with("/s1 state drain"));
}

}  // namespace
}  // namespace caravan::ingress
