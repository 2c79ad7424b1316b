// SPDX-License-Identifier: Apache-2.0
#include "cluster/datacenters.hpp"

#include <gtest/gtest.h>

namespace caravan::cluster {
namespace {

Member server_of(std::string region, std::string datacenter, std::uint16_t port,
                 MemberStatus status = MemberStatus::alive) {
  Member member;
  member.info.id = port;
  member.info.region = std::move(region);
  member.info.datacenter = std::move(datacenter);
  member.rpc = io::Address{"10.0.0.1", port, false};
  member.status = status;
  return member;
}

View seen_from(std::string region, std::vector<Member> members) {
  View view;
  view.region = std::move(region);
  view.members = std::move(members);
  return view;
}

std::vector<std::uint16_t> ports(const std::vector<rpc::Whom>& servers) {
  std::vector<std::uint16_t> all;
  for (const rpc::Whom& each : servers)
    all.push_back(each.address.port);
  return all;
}

using Names = std::vector<std::string>;
using Ports = std::vector<std::uint16_t>;

TEST(Datacenters, are_those_of_other_regions_whose_servers_have_not_left) {
  const View view = seen_from("eu", {server_of("eu", "berlin", 1), server_of("us", "ohio", 2),
                                     server_of("us", "ohio", 3, MemberStatus::failed),
                                     server_of("ap", "tokyo", 4, MemberStatus::failed),
                                     server_of("sa", "lima", 5, MemberStatus::left)});
  EXPECT_EQ(other_datacenters(view), (Names{"ohio", "tokyo"}));
  EXPECT_EQ(ports(servers_in(view, "ohio")), Ports{2});
  EXPECT_EQ(ports(servers_in(view, "tokyo")), Ports{});
  EXPECT_EQ(ports(servers_in(view, "lima")), Ports{});
}

TEST(Datacenters, one_that_is_called_as_ours_is_ours) {
  const View view = seen_from("eu", {server_of("eu", "dc1", 1), server_of("eu", "dc2", 2),
                                     server_of("us", "dc1", 3), server_of("us", "dc2", 4)});
  EXPECT_EQ(other_datacenters(view), Names{});
  EXPECT_EQ(ports(servers_in(view, "dc2")), Ports{});
}

TEST(Datacenters, a_name_that_two_regions_have_is_the_first_ones_that_lives) {
  std::vector<Member> members = {server_of("eu", "dc1", 1), server_of("us", "dc2", 2),
                                 server_of("ap", "dc2", 3), server_of("ap", "dc2", 4)};
  EXPECT_EQ(ports(servers_in(seen_from("eu", members), "dc2")), (Ports{3, 4}));
  members[2].status = members[3].status = MemberStatus::failed;
  EXPECT_EQ(ports(servers_in(seen_from("eu", members), "dc2")), Ports{2});
}

}  // namespace
}  // namespace caravan::cluster
