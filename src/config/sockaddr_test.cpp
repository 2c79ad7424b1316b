// SPDX-License-Identifier: Apache-2.0
#include "config/sockaddr.hpp"

#include <gtest/gtest.h>

#include "config/testing.hpp"

namespace caravan::config {
namespace {

std::string rendered(std::string_view text) {
  FakeInterfaces interfaces;
  const auto result = render_address(text, interfaces);
  return result ? *result : result.error().message;
}

TEST(AddressTemplate, names_an_interface) {
  EXPECT_EQ(rendered("{{ GetInterfaceIP \"wg0\" }}"), "172.30.0.1");
  EXPECT_EQ(rendered("{{GetInterfaceIP `eth0`}}:4646"), "192.168.1.5:4646");
  EXPECT_EQ(rendered("{{ GetPrivateInterfaces | include \"name\" \"wg0\" | attr \"address\" }}"),
            "172.30.0.1");
}

TEST(AddressTemplate, prefers_the_default_route) {
  EXPECT_EQ(rendered("{{ GetPrivateIP }}"), "192.168.1.5");
  EXPECT_EQ(rendered("{{ GetPublicIP }}"), "8.8.4.4");
  EXPECT_EQ(rendered("{{ GetPrivateIPs }}"), "192.168.1.5 172.30.0.1 fd00::5");
}

TEST(AddressTemplate, filters_sorts_and_joins) {
  EXPECT_EQ(rendered("{{ GetAllInterfaces | exclude \"flags\" \"loopback\" | include \"type\" "
                     "\"ipv4\" | sort \"-address\" | join \"address\" \",\" }}"),
            "192.168.1.5,172.30.0.1,8.8.4.4");
  EXPECT_EQ(
      rendered("{{ GetAllInterfaces | include \"network\" \"172.16.0.0/12\" | attr \"name\" }}"),
      "wg0");
  EXPECT_EQ(rendered("{{ GetPrivateInterfaces | include \"type\" \"IPv6\" | limit 1 | attr "
                     "\"address\" }}"),
            "fd00::5");
  EXPECT_EQ(rendered("{{ GetAllInterfaces | include \"rfc\" \"1918\" | unique \"name\" | join "
                     "\"name\" \" \" }}"),
            "wg0 eth0");
}

TEST(AddressTemplate, leaves_plain_text_alone) {
  EXPECT_EQ(rendered("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(rendered(""), "");
}

TEST(AddressTemplate, says_what_it_does_not_find) {
  EXPECT_EQ(rendered("{{ GetInterfaceIP \"nope\" }}"),
            "{{ GetInterfaceIP \"nope\" }}: no such address on this host");
  EXPECT_EQ(rendered("{{ GetNothing }}"), "{{ GetNothing }}: unknown function \"GetNothing\"");
  EXPECT_EQ(rendered("{{ GetPrivateIP"), "{{ GetPrivateIP: has no closing }}");
  EXPECT_EQ(rendered("{{ GetAllInterfaces | include \"name\" \"(\" | attr \"name\" }}"),
            "{{ GetAllInterfaces | include \"name\" \"(\" | attr \"name\" }}: bad pattern: missing "
            "): (");
}

}  // namespace
}  // namespace caravan::config
