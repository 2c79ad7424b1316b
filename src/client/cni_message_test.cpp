// SPDX-License-Identifier: Apache-2.0
#include "client/cni_message.hpp"

#include <gtest/gtest.h>

#include "client/bridge_conflist.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

json::Value parse(const char* text) { return json::parse(text).value(); }

CniAttachment published(std::vector<PublishedPort> ports) {
  CniAttachment attachment;
  attachment.ports = std::move(ports);
  return attachment;
}

TEST(CniMessage, ports_are_told_to_the_plugin_that_asks_for_them_only) {
  const CniAttachment attachment = published({{8080, 80, "", {}}});
  const json::Value list = bridge_conflist({});
  const auto bridge = plugin_input(list, 1, attachment, {});
  const auto portmap = plugin_input(list, 3, attachment, {});
  ASSERT_TRUE(bridge && portmap);
  EXPECT_TRUE(bridge->at("runtimeConfig").is_null());
  EXPECT_TRUE(portmap->at("capabilities").is_null());
  EXPECT_EQ(json::to_string(portmap->at("runtimeConfig")),
            R"({"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"},)"
            R"({"hostPort":8080,"containerPort":80,"protocol":"udp"}]})");
}

TEST(CniMessage, each_plugin_hears_the_lists_name_and_the_result_so_far) {
  const auto input = plugin_input(bridge_conflist({}), 2, {}, parse(R"({"ips":[]})"));
  ASSERT_TRUE(input);
  EXPECT_EQ(*input->at("name").as_string(), "nomad");
  EXPECT_EQ(*input->at("cniVersion").as_string(), "0.4.0");
  EXPECT_EQ(json::to_string(input->at("prevResult")), R"({"ips":[]})");
  EXPECT_FALSE(plugin_input(bridge_conflist({}), 9, {}, {}));
}

TEST(CniMessage, the_status_is_the_first_address_inside_the_namespace) {
  const auto status = network_status(parse(R"({
    "interfaces": [{"name": "nomad"}, {"name": "veth1"}, {"name": "eth0", "sandbox": "/run/n"}],
    "ips": [{"interface": 0, "address": "172.26.64.1/20"},
            {"interface": 2, "address": "172.26.64.5/20"},
            {"interface": 2, "address": "fd00::5/64"}]})"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->interface, "eth0");
  EXPECT_EQ(status->address, "172.26.64.5");
  EXPECT_EQ(status->address_ipv6, "fd00::5");
  EXPECT_FALSE(network_status(parse(R"({"interfaces": []})")));
}

TEST(CniMessage, arguments_that_would_break_their_form_are_left_out) {
  EXPECT_EQ(cni_args({{"A", "1"}, {"B", "x;y"}, {"C=", "z"}}), "IgnoreUnknown=1;A=1");
}

TEST(CniMessage, a_plugins_complaint_is_read_out_of_its_json) {
  EXPECT_EQ(plugin_error(R"({"code": 11, "msg": "no room", "details": "range is full"})", ""),
            "no room: range is full");
  EXPECT_EQ(plugin_error("", "panic: oh\n"), "panic: oh");
}

TEST(CniMessage, a_version_is_the_plugins_own_or_the_newest_that_it_speaks) {
  EXPECT_EQ(plugin_version("CNI bridge plugin v1.4.0\nCNI protocol versions supported: 1.0.0\n"),
            "v1.4.0");
  EXPECT_EQ(plugin_version("CNI bridge plugin version unknown\n"
                           "CNI protocol versions supported: 0.4.0, 1.0.0\n"),
            "v1.0.0");
  EXPECT_EQ(plugin_version("usage: frobnicate\n"), "");
}

}  // namespace
}  // namespace caravan::client
