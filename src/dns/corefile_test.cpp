// SPDX-License-Identifier: Apache-2.0
#include "dns/corefile.hpp"

#include <gtest/gtest.h>

namespace caravan::dns {
namespace {

base::Result<Corefile> parse(const std::string& text) {
  return parse_corefile(text, [](const std::string& path) -> base::Result<std::string> {
    if (path != "/etc/resolv.conf") return base::fail(base::Code::not_found, path + ": not there");
    return std::string("search x\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n");
  });
}

std::string refusal(const std::string& text) {
  const auto file = parse(text);
  return file ? "" : file.error().message;
}

TEST(Corefile, two_forwards_in_one_block_S1_6) {
  const auto file = parse(
      ".:53 {\n  bind docker0\n  forward consul 10.0.0.1:8600\n"
      "  forward . /etc/resolv.conf\n  log\n  errors\n}\n");
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->servers.size(), 1u);
  const ServerBlock& server = file->servers[0];
  EXPECT_EQ(server.zones[0].name, ".");
  EXPECT_EQ(server.zones[0].port, 53);
  EXPECT_EQ(server.bind, std::vector<std::string>{"docker0"});
  EXPECT_TRUE(server.logs && server.logs_errors);
  EXPECT_EQ(forward_for(server, "web.service.Consul.")->to[0].to_string(), "10.0.0.1:8600");
  EXPECT_EQ(forward_for(server, "notconsul.")->to[0].to_string(), "192.0.2.1:53");
  EXPECT_EQ(forward_for(server, "example.org")->to[1].to_string(), "[2001:db8::1]:53");
}

TEST(Corefile, options_of_a_forward) {
  const auto file = parse(
      "example.org dns://consul:1053 { # both\n  forward . 127.0.0.1 dns://127.0.0.2:5353 {\n"
      "    except internal.example.org\n    policy sequential\n    max_fails 0\n    force_tcp\n"
      "    health_check 1s no_rec domain example.org\n    expire 20s\n  }\n  cache 30\n}\n");
  ASSERT_TRUE(file) << file.error().message;
  const ServerBlock& server = file->servers[0];
  EXPECT_EQ(server.zones[1].name, "consul.");
  EXPECT_EQ(server.zones[1].port, 1053);
  const Forward& rule = server.forwards[0];
  EXPECT_EQ(rule.policy, Forward::Policy::sequential);
  EXPECT_EQ(rule.fails_max, 0);
  EXPECT_TRUE(rule.force_tcp);
  EXPECT_FALSE(rule.probe_recurses);
  EXPECT_EQ(rule.probe_name, "example.org.");
  EXPECT_EQ(rule.to[1].to_string(), "127.0.0.2:5353");
  EXPECT_EQ(forward_for(server, "a.internal.example.org."), nullptr);
  EXPECT_EQ(file->without_effect,
            (std::vector<std::string>{"line 8: forward expire", "line 10: cache"}));
}

TEST(Corefile, what_is_wrong_is_told_with_its_line) {
  EXPECT_EQ(refusal(""), "no server block, such as .:53 { … }");
  EXPECT_EQ(refusal(".:53 {\n  forward . 1.1.1.1\n"), "line 3: a block is not closed");
  EXPECT_EQ(refusal(".:99999 {\n}\n"), "line 1: .:99999: no port in 1..65535");
  EXPECT_EQ(refusal(". {\n  forward consul\n}\n"), "line 2: forward needs a zone and whom to ask");
  EXPECT_EQ(refusal(". {\n  forward . nowhere\n}\n"),
            "line 2: \"nowhere\" is neither an IP address nor a file");
  EXPECT_EQ(refusal(". {\n  forward . /no\n}\n"), "line 2: /no: not there");
  EXPECT_NE(refusal(". {\n  rewrite a b\n}\n").find("line 2: plugin \"rewrite\" is not built"),
            std::string::npos);
  EXPECT_NE(refusal(". {\n  forward . 1.1.1.1 {\n    polcy random\n  }\n}\n").find("line 3"),
            std::string::npos);
  EXPECT_EQ(refusal("}\n"), "line 1: nothing is open here");
}

}  // namespace
}  // namespace caravan::dns
