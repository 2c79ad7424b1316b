// SPDX-License-Identifier: Apache-2.0
// Who may do what, by the names of a certificate.
#include <gtest/gtest.h>

#include "rpc/tls_transport.hpp"

namespace caravan::rpc {
namespace {

using Names = std::vector<std::string>;

constexpr Purpose all_purposes[] = {Purpose::up, Purpose::down, Purpose::raft, Purpose::snapshot,
                                    Purpose::http};

TEST(Roles, those_of_this_region_come_in_as_what_they_are) {
  for (const Purpose purpose : all_purposes) {
    const auto server = peer_of({"server.eu.nomad", "localhost"}, "eu", purpose);
    ASSERT_TRUE(server);
    EXPECT_TRUE(server->is_server);
    EXPECT_FALSE(server->is_foreign);
    const auto client = peer_of({"client.eu.nomad", "localhost"}, "eu", purpose);
    ASSERT_TRUE(client);
    EXPECT_FALSE(client->is_server || client->is_foreign);
  }
}

TEST(Roles, a_server_of_another_region_asks_and_hands_on_and_does_nothing_else) {
  for (const Purpose purpose : all_purposes) {
    const auto server = peer_of({"server.us.nomad"}, "eu", purpose);
    const bool may = purpose == Purpose::up || purpose == Purpose::http;
    ASSERT_EQ(server.has_value(), may);
    if (may) EXPECT_TRUE(server->is_foreign);
    if (may) EXPECT_FALSE(server->is_server) << "it is none of this cluster's";
    if (!may) EXPECT_EQ(server.error().code, base::Code::denied);
  }
}

TEST(Roles, a_client_of_another_region_comes_in_nowhere) {
  for (const Purpose purpose : all_purposes)
    EXPECT_FALSE(peer_of({"client.us.nomad"}, "eu", purpose));
}

TEST(Roles, a_name_that_only_begins_alike_is_another_region) {
  EXPECT_FALSE(peer_of({"server.europe.nomad"}, "eu", Purpose::raft));
  EXPECT_FALSE(is_server_of({"server.europe.nomad"}, "us", "eu"));
  EXPECT_FALSE(is_server_of({"xserver.eu.nomad"}, "eu", ""));
}

TEST(Roles, who_is_dialed_has_to_be_of_the_region_that_is_meant) {
  const Names eu = {"server.eu.nomad", "localhost"};
  EXPECT_TRUE(is_server_of(eu, "eu", ""));
  EXPECT_TRUE(is_server_of(eu, "us", "eu"));
  EXPECT_FALSE(is_server_of(eu, "us", ""));
  EXPECT_FALSE(is_server_of(eu, "eu", "us"));
  EXPECT_TRUE(is_server_of(eu, "us", any_region));
  EXPECT_FALSE(is_server_of({"client.eu.nomad"}, "us", any_region));
  EXPECT_FALSE(is_server_of({"server.eu"}, "us", any_region)) << "a name without a domain";
}

TEST(Roles, where_names_are_not_looked_at_all_are_servers) {
  EXPECT_TRUE(peer_of({"whoever"}, "", Purpose::raft)->is_server);
  EXPECT_TRUE(is_server_of({"whoever"}, "", "us"));
}

}  // namespace
}  // namespace caravan::rpc
