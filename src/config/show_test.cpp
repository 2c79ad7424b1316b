// SPDX-License-Identifier: Apache-2.0
#include "config/show.hpp"

#include <gtest/gtest.h>

#include "json/writer.hpp"

namespace caravan::config {
namespace {

TEST(Show, UsesTheNamesThatClientsKnow) {
  const json::Value shown = show(AgentConfig());
  EXPECT_EQ(json::to_string(shown.at("Limits").at("HTTPMaxConnsPerClient")), "100");
  EXPECT_EQ(json::to_string(shown.at("ACL").at("TokenTTL")), "30000000000");
  EXPECT_EQ(json::to_string(shown.at("TLSConfig").at("EnableHTTP")), "false");
  EXPECT_EQ(json::to_string(shown.at("Server").at("NumSchedulers")), "-1");
  EXPECT_EQ(json::to_string(shown.at("Client").at("CNIConfigDir")), "\"/opt/cni/config\"");
  EXPECT_EQ(json::to_string(shown.at("Client").at("Reserved").at("DiskMB")), "0");
  EXPECT_EQ(json::to_string(shown.at("Consul").at("Addr")), "\"127.0.0.1:8500\"");
}

TEST(Show, TellsNoSecret) {
  AgentConfig config;
  config.server.encrypt = "c2VjcmV0";
  config.acl.replication_token = "c2VjcmV0";
  config.consul["default"].token = "c2VjcmV0";
  config.vault["default"].token = "c2VjcmV0";
  config.keyring["awskms"] = json::Object{{"secret_key", "c2VjcmV0"}};
  config.plugins["docker"].config = json::Object{{"volumes", true}};
  const std::string shown = json::to_string(show(config));
  EXPECT_EQ(shown.find("c2VjcmV0"), std::string::npos);
  EXPECT_NE(shown.find("<redacted>"), std::string::npos);
  EXPECT_NE(shown.find(R"("Config":{"volumes":true},"Name":"docker")"), std::string::npos) << shown;
}

}  // namespace
}  // namespace caravan::config
