// SPDX-License-Identifier: Apache-2.0
#include "client/bridge_conflist.hpp"

#include <gtest/gtest.h>

#include "client/cni_message.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

TEST(BridgeConflist, has_the_names_and_addresses_that_firewalls_and_people_expect) {
  const json::Value list = bridge_conflist({});
  const std::vector<std::string> chain = {"loopback", "bridge", "firewall", "portmap"};
  EXPECT_EQ(plugin_types(list), chain);
  EXPECT_EQ(*list.at("name").as_string(), "nomad");
  const json::Array& plugins = *list.at("plugins").as_array();
  EXPECT_EQ(*plugins[1].at("bridge").as_string(), "nomad");
  EXPECT_TRUE(*plugins[1].at("ipMasq").as_bool());
  EXPECT_EQ(json::to_string(plugins[1].at("ipam").at("ranges")),
            R"([[{"subnet":"172.26.64.0/20"}]])");
  EXPECT_EQ(*plugins[2].at("iptablesAdminChainName").as_string(), "NOMAD-ADMIN");
}

TEST(BridgeConflist, follows_the_configuration) {
  const json::Value list = bridge_conflist({"br9", "10.9.0.0/16", true});
  const json::Value& bridge = (*list.at("plugins").as_array())[1];
  EXPECT_EQ(*bridge.at("bridge").as_string(), "br9");
  EXPECT_TRUE(*bridge.at("hairpinMode").as_bool());
  EXPECT_NE(json::to_string(bridge).find("10.9.0.0/16"), std::string::npos);
}

TEST(BridgeConflist, needs_every_plugin_that_its_chain_and_its_addresses_use) {
  for (const std::string& type : plugin_types(bridge_conflist({})))
    EXPECT_NE(std::ranges::find(bridge_plugins(), type), bridge_plugins().end()) << type;
}

}  // namespace
}  // namespace caravan::client
