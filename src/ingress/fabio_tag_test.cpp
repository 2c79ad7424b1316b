// SPDX-License-Identifier: Apache-2.0
#include "ingress/fabio_tag.hpp"

#include <gtest/gtest.h>

#include "ingress/testing.hpp"

namespace caravan::ingress {
namespace {

FabioTag read(std::string_view text) {
  const auto tag = parse_fabio_tag(text, usual_settings());
  EXPECT_TRUE(tag) << text << ": " << (tag ? "" : tag.error().message);
  return tag.value_or(FabioTag());
}
std::string wrong(std::string_view text) {
  const auto tag = parse_fabio_tag(text, usual_settings());
  EXPECT_FALSE(tag) << text;
  return tag ? "" : tag.error().message;
}

TEST(FabioTag, a_path_alone_is_for_every_host) {
  EXPECT_EQ(read("/web").host, "");
  EXPECT_EQ(read("/web").path, "/web");
  EXPECT_EQ(read("/web").protocol, Protocol::http);
}

TEST(FabioTag, hosts_are_lower_case_and_paths_are_not) {
  const FabioTag tag = read("  Shop.Example.COM/Cart  ");
  EXPECT_EQ(tag.host, "shop.example.com");
  EXPECT_EQ(tag.path, "/Cart");
}

TEST(FabioTag, options_are_read) {
  const FabioTag tag = read("/a strip=/a prepend=/b weight=0.25 only=4646 register=web proto=https "
                            "tlsskipverify=true host=inner.example");
  EXPECT_EQ(tag.treatment.strip, std::vector<std::string>{"/a"});
  EXPECT_EQ(tag.treatment.prepend, "/b");
  EXPECT_EQ(tag.weight, 0.25);
  EXPECT_EQ(tag.only, 4646);
  EXPECT_EQ(tag.register_as, "web");
  EXPECT_TRUE(tag.treatment.to_tls && tag.treatment.skips_verify);
  EXPECT_EQ(tag.treatment.host, "inner.example");
}

TEST(FabioTag, gates_are_lists_of_networks) {
  const FabioTag tag = read("/a allow=ip:10.0.0.0/8,ip:fe80::1 deny=ip:10.1.2.3");
  EXPECT_EQ(tag.treatment.allow, (std::vector<std::string>{"10.0.0.0/8", "fe80::1"}));
  EXPECT_EQ(tag.treatment.deny, std::vector<std::string>{"10.1.2.3"});
}

TEST(FabioTag, a_redirection_has_a_code_and_a_place) {
  const FabioTag tag = read("example.com/ redirect=301,https://www.example.com$path");
  ASSERT_TRUE(tag.treatment.redirect);
  EXPECT_EQ(tag.treatment.redirect->status, 301);
  EXPECT_EQ(tag.treatment.redirect->location, "https://www.example.com$path");
}

TEST(FabioTag, ports_and_names_of_byte_streams) {
  EXPECT_EQ(read(":7433 proto=tcp").port, 7433);
  EXPECT_EQ(read(":7433 proto=tcp").protocol, Protocol::tcp);
  EXPECT_EQ(read("db.example proto=tcp+sni").host, "db.example");
}

TEST(FabioTag, the_datacenter_is_filled_in) {
  EXPECT_EQ(read("web.$DC.example/").host, "web.dc1.example");
  EXPECT_EQ(read("web.${DC}.example/").host, "web.dc1.example");
}

TEST(FabioTag, what_is_wrong_is_named) {
  EXPECT_EQ(wrong("web"), "\"web\" has no path: write web/");
  EXPECT_EQ(wrong("/a strip=b"), "strip=: \"b\" does not begin with /");
  EXPECT_EQ(wrong("/a colour=red"), "\"colour\" is no option of a route");
  EXPECT_EQ(wrong("/a weight=much"), "weight=: \"much\" is no number");
  EXPECT_EQ(wrong("/a weight=nan"), "weight=: \"nan\" is no number");
  EXPECT_EQ(wrong("/a proto=udp"), "proto=: \"udp\" is none of http, https, tcp, tcp+sni");
  EXPECT_EQ(wrong("/a proto=grpc"), "proto=grpc is not built yet");
  EXPECT_EQ(wrong("/a allow=10.0.0.1"), "allow= \"10.0.0.1\" does not begin with ip:");
  EXPECT_EQ(wrong("/a deny=ip:10.0.0.0/33"), "deny= \"10.0.0.0/33\" is no address and no network");
  EXPECT_EQ(wrong("/a auth=nobody"), "auth=: the ingress has no auth block \"nobody\"");
  EXPECT_EQ(wrong(":0 proto=tcp"), "port: \"0\" is no port (1..65535)");
}

TEST(FabioTag, nothing_gets_in_that_could_be_configuration) {
  for (const char* text :
       {"/a\nbackend evil", "/a'b", "/a\"b", "/a\\b", "/a`b", "/\x01", "/{a}", "ho st/", "ho\tst/",
        "a#b/", "*.*.*.example/", "/a redirect=301,https://x/'quote", "/a strip=/x'",
        "/a redirect=301,https://x/%[env(HOME)]{", "a.example/\xc3\xa4"})
    (void)wrong(text);
  (void)wrong(std::string_view("/a deny=ip:10.1.2.3\0\nbackend evil", 33));
  EXPECT_FALSE(parse_fabio_tag(std::string(tag_bytes_max + 1, '/'), usual_settings()));
}

}  // namespace
}  // namespace caravan::ingress
