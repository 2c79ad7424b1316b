// SPDX-License-Identifier: Apache-2.0
#include "ingress/routing_table.hpp"

#include <gtest/gtest.h>

#include "ingress/testing.hpp"

namespace caravan::ingress {
namespace {

RoutingTable table_of(const std::vector<Instance>& instances) {
  return make_routing_table(instances, usual_settings());
}

TEST(RoutingTable, copies_that_agree_share_a_route) {
  const RoutingTable table =
      table_of({one_of("web", {"urlprefix-/web"}, 1), one_of("web", {"urlprefix-/web"}, 2)});
  ASSERT_EQ(table.routes.size(), 1U);
  EXPECT_EQ(table.routes[0].servers.size(), 2U);
  EXPECT_EQ(table.routes[0].servers[0].share, 0.5);
  EXPECT_TRUE(table.problems.empty());
}

TEST(RoutingTable, the_order_of_instances_does_not_matter) {
  const Instance a = one_of("web", {"urlprefix-/web", "v1"}, 1);
  const Instance b = one_of("web", {"urlprefix-/web strip=/web"}, 2);
  const Instance c = one_of("other", {"urlprefix-h.example/"}, 3);
  EXPECT_EQ(table_of({a, b, c}), table_of({c, b, a}));
}

TEST(RoutingTable, of_those_who_disagree_the_oldest_decides) {
  const RoutingTable table = table_of({one_of("thief", {"urlprefix-/web strip=/web"}, 9),
                                       one_of("web", {"urlprefix-/web"}, 3)});
  ASSERT_EQ(table.routes.size(), 1U);
  EXPECT_EQ(table.routes[0].service, "web");
  EXPECT_EQ(table.routes[0].servers.size(), 1U);
  ASSERT_EQ(table.problems.size(), 1U);
  EXPECT_EQ(table.problems[0].service, "thief");
  EXPECT_EQ(table.problems[0].what, "web has /web already, on other terms (urlprefix-/web)");
}

TEST(RoutingTable, a_bad_tag_leaves_the_good_ones_alone) {
  const RoutingTable table =
      table_of({one_of("web", {"urlprefix-/web", "urlprefix-/x\nbackend evil"}, 1),
                one_of("bad", {"urlprefix-nothing"}, 2)});
  EXPECT_EQ(table.routes.size(), 1U);
  EXPECT_EQ(table.problems.size(), 2U);
}

TEST(RoutingTable, ports_are_opened_only_where_the_operator_allows_it) {
  const Instance db = one_of("db", {"urlprefix-:7433 proto=tcp"});
  EXPECT_EQ(table_of({db}).routes.size(), 0U);
  EXPECT_EQ(table_of({db}).problems.at(0).what,
            "port 7433 may not be opened by tags: list it in ingress.tcp_ports");
  Settings settings = usual_settings();
  settings.tcp_ports = {{7000, 8000}};
  EXPECT_EQ(make_routing_table({db}, settings).routes.at(0).port, 7433);
}

TEST(RoutingTable, names_are_given_only_where_the_operator_allows_it_and_not_without_end) {
  const Instance shop = one_of("shop", {"urlprefix-/shop register=gate-shop"});
  const RoutingTable refused = table_of({shop});
  EXPECT_EQ(refused.routes.at(0).register_as, "");
  EXPECT_EQ(refused.problems.at(0).what,
            "routed, but the name \"gate-shop\" may not be registered by tags: list it in "
            "ingress.register_names");
  Settings settings = usual_settings();
  settings.register_names = {"gate-*"};
  std::vector<Instance> all;
  for (std::size_t i = 0; i <= names_max; ++i) {
    all.push_back(one_of(fmt::format("s{}", i), {fmt::format("urlprefix-/{0} register=gate-{0}", i)}));
    all.back().created = i + 1;
  }
  const RoutingTable table = make_routing_table(all, settings);
  EXPECT_EQ(table.routes.size(), names_max + 1);
  EXPECT_EQ(std::ranges::count(table.routes, "", &Route::register_as), 1);
  EXPECT_EQ(table.problems.at(0).service, fmt::format("s{}", names_max));
}

TEST(RoutingTable, only_picks_one_of_the_ports_of_a_service) {
  Instance http = one_of("nomad", {"urlprefix-nomad/ only=4646"}, 1);
  http.port = 4646;
  Instance rpc = http;
  rpc.id = "rpc";
  rpc.port = 4647;
  const RoutingTable table = table_of({http, rpc});
  ASSERT_EQ(table.routes.at(0).servers.size(), 1U);
  EXPECT_EQ(table.routes[0].servers[0].port, 4646);
}

TEST(RoutingTable, longer_and_hosted_come_first) {
  const RoutingTable table = table_of({one_of("a", {"urlprefix-/"}, 1), one_of("b", {"urlprefix-/long"}, 2),
                                       one_of("c", {"urlprefix-*.example/"}, 3),
                                       one_of("d", {"urlprefix-h.example/"}, 4)});
  std::string order;
  for (const Route& route : table.routes)
    order += route.service;
  EXPECT_EQ(order, "dcba");
}

TEST(RoutingTable, an_instance_without_an_address_is_reported) {
  Instance nowhere = one_of("web", {"urlprefix-/web"});
  nowhere.address = "db.internal";
  EXPECT_EQ(table_of({nowhere}).problems.at(0).what,
            "the instance has no IP address and port (\"db.internal\", 8080)");
}

TEST(Shares, fixed_ones_are_kept_and_the_rest_is_shared) {
  EXPECT_EQ(shares({{0.2, 1}, {0, 1}, {0, 1}}), (std::vector<double>{0.2, 0.4, 0.4}));
  EXPECT_EQ(shares({{2, 1}, {2, 1}, {0, 1}}), (std::vector<double>{0.5, 0.5, 0}));
  EXPECT_EQ(shares({{0.1, 1}}), std::vector<double>{1});
  EXPECT_EQ(shares({{0, 3}, {0, 1}}), (std::vector<double>{0.75, 0.25}));
}

}  // namespace
}  // namespace caravan::ingress
