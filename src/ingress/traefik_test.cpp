// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ingress/haproxy_route.hpp"
#include "ingress/rawdata.hpp"
#include "ingress/routing_table.hpp"
#include "ingress/testing.hpp"
#include "ingress/traefik_rule.hpp"
#include "json/writer.hpp"

namespace caravan::ingress {
namespace {

Settings with_entries() {
  Settings settings = usual_settings();
  settings.entry_points.push_back({"web", "0.0.0.0", 80, false, false, ""});
  settings.entry_points.push_back({"websecure", "0.0.0.0", 443, true, false, ""});
  settings.entry_points.push_back({"db", "0.0.0.0", 5432, false, true, ""});
  return settings;
}
RoutingTable table_of(std::vector<std::string> labels) {
  labels.insert(labels.begin(), "traefik.enable=true");
  return make_routing_table({one_of("my-app", std::move(labels))}, with_entries());
}
std::string problem_of(std::vector<std::string> labels) {
  const RoutingTable table = table_of(std::move(labels));
  EXPECT_TRUE(table.routes.empty());
  return table.problems.empty() ? "" : table.problems[0].what;
}

TEST(TraefikRule, is_read_with_its_precedence) {
  const auto rule = parse_rule("Host(`a.example`) && PathPrefix(`/x`) || !Method(`get`)");
  ASSERT_TRUE(rule);
  EXPECT_EQ(conditions_of(*rule),
            (std::vector<std::string>{
                "{ var(txn.host) -m str -- 'a.example' } { path -m beg -- '/x' }",
                "!{ method -m str -- 'GET' }"}));
}

TEST(TraefikRule, lists_of_the_older_form_are_alternatives) {
  EXPECT_EQ(conditions_of(*parse_rule("Host(`a.example`, `b.example`) && Path(`/`)")).size(), 2U);
}

TEST(TraefikRule, what_is_not_both_is_not_one_or_not_the_other) {
  EXPECT_EQ(conditions_of(*parse_rule("!(Path(`/a`) && Path(`/b`))")),
            (std::vector<std::string>{"!{ path -m str -- '/a' }", "!{ path -m str -- '/b' }"}));
}

TEST(TraefikRule, mistakes_have_a_place) {
  EXPECT_EQ(parse_rule("Host(`a`").error().message, "rule, character 9: \")\" is missing");
  EXPECT_EQ(parse_rule("Host(`a`) x").error().message,
            "rule, character 11: something follows the end of the rule");
  EXPECT_EQ(parse_rule("Colour(`red`)").error().message, "rule: there is no matcher \"Colour\"");
  EXPECT_FALSE(parse_rule("Host(`a\nb`)"));
  EXPECT_FALSE(parse_rule("PathRegexp(`(a+)+(b*)*`)"));
  EXPECT_FALSE(parse_rule("PathRegexp(`(`)"));
  EXPECT_FALSE(parse_rule(std::string(200, '(')));
  EXPECT_FALSE(parse_rule(""));
}

TEST(Traefik, without_a_rule_the_default_one_counts) {
  const RoutingTable table = table_of({});
  ASSERT_EQ(table.routes.size(), 1U);
  EXPECT_EQ(table.routes[0].source, "Host(`my-app`)");
}

TEST(Traefik, routers_are_told_as_it_tells_its_own) {
  Instance native = one_of("whoami", {"traefik.enable=true", "traefik.http.routers.http.rule=Path(`/`)"});
  native.door = "nomad";
  const Instance fabio = one_of("shop", {"urlprefix-/shop"}, 2);
  const RoutingTable table = make_routing_table({native, fabio}, with_entries());
  const json::Value shown = rawdata_json(table, with_entries());
  EXPECT_EQ(shown.at("routers").as_object()->size(), 1U);
  const json::Value& router = shown.at("routers").at("http@nomad");
  EXPECT_EQ(router.text_at("rule"), "Path(`/`)");
  EXPECT_EQ(router.text_at("service"), "whoami");
  EXPECT_EQ(json::to_string(shown.at("services").at("whoami@nomad").at("usedBy")), R"(["http@nomad"])");
  EXPECT_TRUE(shown.at("tcpRouters").as_object()->empty());
}

TEST(Traefik, what_is_not_enabled_is_not_routed) {
  const RoutingTable table = make_routing_table(
      {one_of("a", {"traefik.http.routers.a.rule=Path(`/`)"}), one_of("b", {"traefik.enable=false"}, 2)},
      with_entries());
  EXPECT_TRUE(table.routes.empty());
  Settings exposed = with_entries();
  exposed.exposed_by_default = true;
  EXPECT_EQ(make_routing_table({one_of("c", {})}, exposed).routes.size(), 1U);
}

TEST(Traefik, a_router_with_middlewares) {
  const RoutingTable table =
      table_of({"traefik.http.routers.r.rule=Host(`A.example`) && PathPrefix(`/api`)",
                "traefik.http.routers.r.entrypoints=web,websecure", "traefik.http.routers.r.priority=7",
                "traefik.http.routers.r.middlewares=s@consulcatalog,l",
                "traefik.http.middlewares.s.stripprefix.prefixes=/api",
                "traefik.http.middlewares.l.ratelimit.average=10",
                "traefik.http.services.x.loadbalancer.server.port=9000",
                "traefik.http.services.x.loadbalancer.sticky.cookie.name=stick",
                "traefik.http.services.x.loadbalancer.healthcheck.path=/up"});
  ASSERT_EQ(table.routes.size(), 1U) << (table.problems.empty() ? "" : table.problems[0].what);
  const Route& route = table.routes[0];
  EXPECT_EQ(route.priority, 7);
  EXPECT_EQ(route.entry_points, (std::vector<std::string>{"web", "websecure"}));
  EXPECT_EQ(route.treatment.strip, std::vector<std::string>{"/api"});
  EXPECT_EQ(route.treatment.rate->requests, 10);
  EXPECT_EQ(route.treatment.sticky->name, "stick");
  EXPECT_EQ(route.treatment.check.path, "/up");
  EXPECT_EQ(route.servers.at(0).port, 9000);
}

TEST(Traefik, a_router_without_its_middleware_is_not_made) {
  EXPECT_EQ(problem_of({"traefik.http.routers.r.middlewares=guard"}),
            "no middleware \"guard\" in these labels");
  EXPECT_EQ(problem_of({"traefik.http.routers.r.middlewares=f",
                        "traefik.http.middlewares.f.forwardauth.address=http://x"}),
            "middleware forwardauth is not built yet");
  EXPECT_TRUE(problem_of({"traefik.http.routers.r.middlewares=b",
                          "traefik.http.middlewares.b.basicauth.users=joe:$apr1$x$y"})
                  .starts_with("basicauth.users: only hashes of crypt(3) are known"));
}

TEST(Traefik, headers_of_the_ingress_are_not_for_tags) {
  EXPECT_EQ(problem_of({"traefik.http.routers.r.middlewares=h",
                        "traefik.http.middlewares.h.headers.customrequestheaders.X-Forwarded-For=1"}),
            "headers: x-forwarded-for cannot be set");
}

TEST(Traefik, entry_points_have_to_exist) {
  EXPECT_EQ(problem_of({"traefik.http.routers.r.entrypoints=nowhere"}),
            "the ingress has no entry point \"nowhere\"");
}

TEST(Traefik, byte_streams_by_name_or_by_port) {
  const RoutingTable table = table_of({"traefik.tcp.routers.t.rule=HostSNI(`a.example`)",
                                       "traefik.tcp.routers.t.tls.passthrough=true",
                                       "traefik.tcp.routers.u.rule=HostSNI(`*`)",
                                       "traefik.tcp.routers.u.entrypoints=db"});
  ASSERT_EQ(table.routes.size(), 2U) << (table.problems.empty() ? "" : table.problems[0].what);
  EXPECT_EQ(table.routes[0].host, "a.example");
  EXPECT_EQ(table.routes[1].protocol, Protocol::tcp);
  EXPECT_EQ(problem_of({"traefik.tcp.routers.u.rule=HostSNI(`*`)",
                        "traefik.tcp.routers.u.entrypoints=web"}),
            "HostSNI(`*`): the entry point \"web\" is not for tcp (set protocol = \"tcp\")");
}

TEST(Traefik, the_second_of_two_equal_rules_is_reported) {
  const RoutingTable table = make_routing_table(
      {one_of("one", {"traefik.enable=true", "traefik.http.routers.a.rule=Path(`/`)"}, 1),
       one_of("two", {"traefik.enable=true", "traefik.http.routers.b.rule=Path(`/`)"}, 2)},
      with_entries());
  EXPECT_EQ(table.routes.size(), 2U);
  EXPECT_EQ(table.routes[0].service, "one");
  ASSERT_EQ(table.problems.size(), 1U);
  EXPECT_EQ(table.problems[0].service, "two");
}

}  // namespace
}  // namespace caravan::ingress
