// SPDX-License-Identifier: Apache-2.0
#include "driver/oci.hpp"

#include <gtest/gtest.h>

#include "json/writer.hpp"

namespace caravan::driver {
namespace {

const json::Value& process_of(const json::Value& config) { return config.at("process"); }

TEST(Oci, a_plain_user_holds_no_capability_and_root_holds_the_default_ones) {
  Bundle bundle;
  bundle.capabilities = default_capabilities();
  EXPECT_EQ(process_of(to_config(bundle)).at("capabilities").at("effective").as_array()->size(),
            13u);
  bundle.uid = 65534;
  EXPECT_TRUE(process_of(to_config(bundle)).at("capabilities").at("effective").as_array()->empty());
  EXPECT_TRUE(*process_of(to_config(bundle)).at("noNewPrivileges").as_bool());
}

TEST(Oci, another_process_has_no_more_power_than_the_first) {
  Bundle bundle;
  bundle.uid = 65534;
  bundle.capabilities = default_capabilities();
  const json::Value process = to_process(bundle, {"sh"}, true);
  EXPECT_TRUE(process.at("capabilities").at("effective").as_array()->empty());
  EXPECT_EQ(*process.at("user").at("uid").as_int(), 65534);
  EXPECT_TRUE(*process.at("terminal").as_bool());
}

TEST(Oci, the_group_network_is_joined_by_path) {
  Bundle bundle;
  bundle.network_namespace = "/run/netns/x";
  const json::Value config = to_config(bundle);
  EXPECT_EQ(*config.at("linux").at("namespaces").as_array()->back().at("path").as_string(),
            "/run/netns/x");
}

TEST(Oci, a_hostname_of_its_own_takes_a_namespace_of_its_own) {
  Bundle bundle;
  const std::string plain = json::to_string(to_config(bundle));
  EXPECT_EQ(plain.find("uts"), std::string::npos);
  bundle.hostname = "web-0";
  const std::string text = json::to_string(to_config(bundle));
  EXPECT_NE(text.find(R"({"type":"uts"})"), std::string::npos);
  EXPECT_NE(text.find(R"("hostname":"web-0")"), std::string::npos);
}

TEST(Oci, a_volume_is_mounted_as_its_propagation_says) {
  Bundle bundle;
  bundle.mounts = {{"/srv/a", "/a", true}, {"/srv/b", "/b", false, "rslave"}};
  const std::string text = json::to_string(to_config(bundle));
  EXPECT_NE(text.find(R"("source":"/srv/a","options":["rbind","rprivate","ro"])"),
            std::string::npos);
  EXPECT_NE(text.find(R"("source":"/srv/b","options":["rbind","rslave","rw"])"), std::string::npos);
}

TEST(Oci, a_device_is_made_and_allowed_and_all_others_are_not) {
  Bundle bundle;
  bundle.devices = {{"/dev/card", "c", 195, 0, "rw"}};
  const std::string text = json::to_string(to_config(bundle));
  EXPECT_NE(text.find(R"({"path":"/dev/card","type":"c","major":195,"minor":0,"fileMode":438})"),
            std::string::npos);
  EXPECT_NE(text.find(R"([{"allow":false,"access":"rwm"},)"
                      R"({"allow":true,"type":"c","major":195,"minor":0,"access":"rw"}])"),
            std::string::npos);
}

TEST(Oci, shares_stay_within_what_the_kernel_takes) {
  Bundle bundle;
  bundle.cpu_shares = 1;
  EXPECT_EQ(*to_config(bundle).at("linux").at("resources").at("cpu").at("shares").as_int(), 2);
}

TEST(Capabilities, only_allowed_ones_are_added) {
  EXPECT_FALSE(capabilities({"NET_RAW"}, {}, default_capabilities()));
  EXPECT_EQ(*capabilities({"cap_net_raw"}, {"all"}, {"net_raw"}),
            std::vector<std::string>{"NET_RAW"});
  EXPECT_EQ(capabilities({}, {"chown"}, default_capabilities())->size(), 12u);
}

}  // namespace
}  // namespace caravan::driver
