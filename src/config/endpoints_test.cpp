// SPDX-License-Identifier: Apache-2.0
#include "config/endpoints.hpp"

#include <gtest/gtest.h>

#include "config/testing.hpp"

namespace caravan::config {
namespace {

std::string shown(const AgentConfig& config, bool dev = false) {
  FakeInterfaces interfaces;
  const auto all = resolve_endpoints(config, interfaces, dev);
  if (!all) return all.error().message;
  std::string text;
  for (const Endpoint& endpoint : all->http_listen) text += endpoint.to_string() + " ";
  return text + all->rpc_listen.to_string() + " | " + all->http_advertise.to_string() + " " +
         all->serf_advertise.to_string();
}

TEST(Endpoints, advertise_a_private_address_when_all_are_listened_on) {
  EXPECT_EQ(shown({}), "0.0.0.0:4646 0.0.0.0:4647 | 192.168.1.5:4646 192.168.1.5:4648");
}

TEST(Endpoints, follow_what_is_configured) {
  AgentConfig config;
  config.bind_addr = "{{ GetInterfaceIP \"wg0\" }}";
  config.addresses.http = "127.0.0.1 {{ GetPrivateIP }}";
  config.advertise.http = "example.com:80";
  config.advertise.serf = "fd00::5";
  config.ports.http = 8000;
  EXPECT_EQ(shown(config),
            "127.0.0.1:8000 192.168.1.5:8000 172.30.0.1:4647 | example.com:80 [fd00::5]:4648");
}

TEST(Endpoints, refuse_to_advertise_loopback_unless_in_dev_mode) {
  AgentConfig config;
  config.bind_addr = "127.0.0.1";
  EXPECT_EQ(shown(config),
            "advertise.http: listening on 127.0.0.1 only, others cannot reach it; set it, or "
            "bind_addr");
  EXPECT_EQ(shown(config, true), "127.0.0.1:4646 127.0.0.1:4647 | 127.0.0.1:4646 127.0.0.1:4648");
}

TEST(Endpoints, of_the_catalog_only_where_it_has_a_block) {
  FakeInterfaces interfaces;
  AgentConfig config;
  EXPECT_TRUE(resolve_endpoints(config, interfaces)->catalog_http_listen.empty());
  config.set["catalog"] = "a.hcl:1";
  config.catalog.addresses.http = "127.0.0.1 {{ GetPrivateIP }}";
  const Endpoints all = *resolve_endpoints(config, interfaces);
  EXPECT_EQ(all.catalog_http_listen,
            (std::vector<Endpoint>{{"127.0.0.1", 8500}, {"192.168.1.5", 8500}}));
  EXPECT_TRUE(all.catalog_https_listen.empty());
  config.catalog.addresses.http = "";
  EXPECT_EQ(resolve_endpoints(config, interfaces).error().message,
            "catalog.addresses.http: names no address");
}

TEST(Endpoint, reads_hosts_and_ports) {
  EXPECT_EQ(*parse_endpoint("[::1]:80", 1), (Endpoint{"::1", 80}));
  EXPECT_EQ(*parse_endpoint("::1", 1), (Endpoint{"::1", 1}));
  EXPECT_EQ(*parse_endpoint("a.b:5", 1), (Endpoint{"a.b", 5}));
  EXPECT_EQ(parse_endpoint("a:b", 1).error().message, "\"a:b\" is no host or host:port");
  EXPECT_FALSE(parse_endpoint("[::1", 1));
  EXPECT_FALSE(parse_endpoint("a:99999", 1));
  EXPECT_FALSE(parse_endpoint("", 1));
}

}  // namespace
}  // namespace caravan::config
