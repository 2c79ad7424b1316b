// SPDX-License-Identifier: Apache-2.0
#include "client/devices.hpp"

#include <gtest/gtest.h>

namespace caravan::client {
namespace {

driver::TaskSpec::Device device(const std::string& path) { return *parse_device_path(path); }

Devices cards() {
  Devices devices;
  DeviceGroup& group = devices["nvidia/gpu/T4"];
  group.nodes = {device("/dev/nvidiactl")};
  group.attributes = {{"memory", "15 GiB"}};
  group.instances["GPU-a"].nodes = {device("/dev/nvidia0")};
  group.instances["GPU-b"].nodes = {device("/dev/nvidia1:/dev/nvidia0b:rw")};
  return devices;
}

model::Allocation given(const std::vector<std::string>& ids) {
  model::Allocation alloc;
  alloc.devices.push_back({"train", "nvidia", "gpu", "T4", ids, {}});
  return alloc;
}

TEST(DevicePathTest, has_up_to_three_parts) {
  EXPECT_EQ(device("/dev/x").task_path, "/dev/x");
  EXPECT_EQ(device("/dev/x").permissions, "rwm");
  EXPECT_EQ(device("/dev/x:/dev/y:r").task_path, "/dev/y");
  EXPECT_EQ(device("/dev/x:/dev/y:r").permissions, "r");
  for (const char* bad :
       {"", "dev/x", "/dev/x:y", "/dev/x:/dev/y:", "/dev/x:/dev/y:q", "/a:/b:r:w"})
    EXPECT_FALSE(parse_device_path(bad)) << bad;
}

TEST(DevicesTest, a_task_gets_the_nodes_and_variables_of_its_instances) {
  const auto reservation = reserve_devices(cards(), given({"GPU-a", "GPU-b"}), "train");
  ASSERT_TRUE(reservation);
  std::vector<std::string> paths;
  for (const driver::TaskSpec::Device& node : reservation->nodes)
    paths.push_back(node.task_path);
  EXPECT_EQ(paths, (std::vector<std::string>{"/dev/nvidia0", "/dev/nvidia0b", "/dev/nvidiactl"}));
  EXPECT_EQ(reservation->env.at("NVIDIA_VISIBLE_DEVICES"), "GPU-a,GPU-b");
}

TEST(DevicesTest, other_tasks_get_nothing) {
  const auto reservation = reserve_devices(cards(), given({"GPU-a"}), "log");
  ASSERT_TRUE(reservation);
  EXPECT_TRUE(reservation->nodes.empty() && reservation->env.empty());
}

TEST(DevicesTest, what_the_operator_says_of_a_variable_is_what_is_said) {
  Devices devices = cards();
  devices["nvidia/gpu/T4"].instances["GPU-a"].env["NVIDIA_VISIBLE_DEVICES"] = "0";
  devices["nvidia/gpu/T4"].env["DRIVER"] = "x";
  const auto reservation = reserve_devices(devices, given({"GPU-a"}), "train");
  EXPECT_EQ(reservation->env.at("NVIDIA_VISIBLE_DEVICES"), "0");
  EXPECT_EQ(reservation->env.at("DRIVER"), "x");
}

TEST(DevicesTest, an_instance_that_is_declared_no_more_is_refused) {
  EXPECT_FALSE(reserve_devices(cards(), given({"GPU-c"}), "train"));
  EXPECT_FALSE(reserve_devices({}, given({"GPU-a"}), "train"));
}

}  // namespace
}  // namespace caravan::client
