// SPDX-License-Identifier: Apache-2.0
// What is written for HAProxy, compared with files of testdata/. To accept what has changed: touch
// testdata/rewrite, run this once, look at the difference, and remove that file.
#include "ingress/haproxy_config.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "ingress/blame.hpp"
#include "ingress/testing.hpp"

namespace caravan::ingress {
namespace {

const DataPlanePaths paths{"/d/generation-1", "/d/control.sock", "/d/metrics.sock", "/d",
                           "/d/certificates"};

std::string whole(const Settings& settings, const std::vector<Instance>& instances) {
  const RoutingTable table = make_routing_table(instances, settings);
  EXPECT_TRUE(table.problems.empty()) << table.problems[0].what;
  const Rendered made = render(settings, table, placement_of(table, {}), paths, "1");
  std::string text = made.config;
  for (const auto& [name, content] : made.files)
    text += "\n### " + name + "\n" + content;
  return text;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string folder = std::string(CARAVAN_SOURCE_DIR) + "/src/ingress/testdata/";
  const std::string path = folder + name;
  if (std::ifstream(folder + "rewrite")) std::ofstream(path) << text;
  std::ostringstream kept;
  kept << std::ifstream(path).rdbuf();
  EXPECT_EQ(text, kept.str()) << "differs from " << path;
}

TEST(HaproxyConfig, of_everyday_tags) {
  Settings settings = usual_settings();
  settings.tcp_ports = {{7433, 7433}};
  settings.user = "haproxy";
  expect_golden("fabio.cfg",
                whole(settings, {one_of("web", {"urlprefix-/web strip=/web"}, 1),
                                 one_of("web", {"urlprefix-/web strip=/web"}, 2),
                                 one_of("shop", {"urlprefix-shop.example/ allow=ip:10.0.0.0/8"}, 3),
                                 one_of("any", {"urlprefix-*.example/x prepend=/y"}, 4),
                                 one_of("old", {"urlprefix-old.example/ redirect=301,https://new.example$path"}, 5),
                                 one_of("inner", {"urlprefix-/tls proto=https tlsskipverify=true"}, 6),
                                 one_of("db", {"urlprefix-:7433 proto=tcp"}, 7)}));
}

TEST(HaproxyConfig, of_routers_and_their_middlewares) {
  Settings settings = usual_settings();
  settings.entry_points.push_back({"web", "0.0.0.0", 80, false, false, "websecure"});
  settings.entry_points.push_back({"websecure", "::", 443, true, false, ""});
  settings.trusted_proxies = {"192.0.2.0/24"};
  settings.access_log = true;
  settings.retry_gets = true;
  const std::string r = "traefik.http.routers.r.", m = "traefik.http.middlewares.";
  expect_golden(
      "traefik.cfg",
      whole(settings,
            {one_of("api",
                    {"traefik.enable=true", r + "rule=Host(`a.example`) && !PathPrefix(`/no`)",
                     r + "entrypoints=websecure", r + "tls=true", r + "middlewares=s,h,b,l,w",
                     m + "s.stripprefix.prefixes=/api", m + "h.headers.customrequestheaders.X-One=100%",
                     m + "h.headers.customresponseheaders.X-Two=it's",
                     m + "b.basicauth.users=joe:$6$salt$hash", m + "l.ratelimit.average=5",
                     m + "w.ipallowlist.sourcerange=10.0.0.0/8,fe80::/10",
                     "traefik.http.services.s.loadbalancer.sticky.cookie.name=c",
                     "traefik.http.services.s.loadbalancer.healthcheck.path=/up"},
                    1),
             one_of("mail",
                    {"traefik.enable=true", "traefik.tcp.routers.m.rule=HostSNI(`mail.example`)",
                     "traefik.tcp.routers.m.entrypoints=websecure",
                     "traefik.tcp.routers.m.tls.passthrough=true"},
                    2)}));
}

TEST(HaproxyConfig, of_many_tags_looks_into_maps) {
  const Settings settings = usual_settings();
  std::vector<Instance> instances = {one_of("star", {"urlprefix-*.example/"}, 1)};
  for (int i = 0; i < 9; ++i) {
    const std::string n = std::to_string(i);
    instances.push_back(one_of("a" + n, {"urlprefix-/" + n}, 2));
    instances.push_back(one_of("b" + n, {"urlprefix-host.example/" + n}, 3));
  }
  const RoutingTable table = make_routing_table(instances, settings);
  const Rendered made = render(settings, table, placement_of(table, {}), paths, "1");
  EXPECT_NE(made.config.find("map_beg(/d/generation-1/hosted.map)"), std::string::npos);
  EXPECT_NE(made.files.at("hosted.map").find("host.example/3 b3_"), std::string::npos);
  EXPECT_NE(made.files.at("hostless.map").find("/3 a3_"), std::string::npos);
  EXPECT_NE(made.config.find("str(star_"), std::string::npos);
  // And few of them do not.
  instances.resize(5);
  const RoutingTable few = make_routing_table(instances, settings);
  const Rendered small = render(settings, few, placement_of(few, {}), paths, "1");
  EXPECT_TRUE(small.files.empty());
  EXPECT_NE(small.config.find("if { var(txn.host) -m str -- 'host.example' } { path -m beg -- '/1' }"),
            std::string::npos);
}

TEST(HaproxyConfig, a_limit_of_bodies_holds_for_all) {
  Settings settings = usual_settings();
  settings.body_bytes_max = 1000;
  const RoutingTable table = make_routing_table({one_of("web", {"urlprefix-/"}, 1)}, settings);
  const std::string text = render(settings, table, placement_of(table, {}), paths, "1").config;
  EXPECT_NE(text.find("deny_status 413 if { req.hdr_val(content-length) gt 1000 }"),
            std::string::npos);
  EXPECT_NE(text.find("status 411"), std::string::npos);
}

TEST(HaproxyConfig, servers_are_no_part_of_its_shape) {
  const Settings settings = usual_settings();
  const RoutingTable one = make_routing_table({one_of("web", {"urlprefix-/web"}, 1)}, settings);
  const RoutingTable other = make_routing_table(
      {one_of("web", {"urlprefix-/web"}, 1), one_of("web", {"urlprefix-/web"}, 2)}, settings);
  EXPECT_EQ(shape_of(settings, one, placement_of(one, {}), paths),
            shape_of(settings, other, placement_of(other, {}), paths));
}

TEST(HaproxyConfig, quotes_are_closed_and_formats_are_literal) {
  EXPECT_EQ(quoted("a'b $HOME \"x\""), "'a'\"'\"'b $HOME \"x\"'");
  EXPECT_EQ(quoted_format("100%[path]"), "'100%%[path]'");
}

TEST(Blame, falls_on_the_route_whose_lines_are_named) {
  const Settings settings = usual_settings();
  const RoutingTable table = make_routing_table(
      {one_of("good", {"urlprefix-/good"}, 1), one_of("bad", {"urlprefix-/bad"}, 2)}, settings);
  const std::string text = render(settings, table, placement_of(table, {}), paths, "1").config;
  const std::size_t at = text.find("\nbackend bad_");
  const auto line = 3 + std::ranges::count(text.substr(0, at), '\n');
  const std::string said = "[NOTICE]   (1) : x\n[ALERT]    (1) : config : parsing [/d/haproxy.cfg:" +
                           std::to_string(line) + "] : unknown keyword\n";
  const std::set<std::string> blamed = blamed_routes(said, text, table);
  ASSERT_EQ(blamed.size(), 1U);
  EXPECT_TRUE(blamed.begin()->starts_with("bad_"));
  EXPECT_TRUE(blamed_routes("[ALERT] (1) : out of luck", text, table).empty());
}

}  // namespace
}  // namespace caravan::ingress
