// SPDX-License-Identifier: Apache-2.0
#include "client/host_use.hpp"

#include <gtest/gtest.h>

namespace caravan::client {
namespace {

TEST(HostUse, processors_are_read_one_by_one_and_waiting_for_disks_is_idle) {
  const auto times = parse_cpu_times(
      "cpu  9 9 9 9 9 9 9 0 0 0\ncpu0 100 10 20 500 70 3 4 0 0 0\ncpu1 1 0 0 0 0 0 0\nintr 5\n",
      10);
  ASSERT_EQ(times.size(), 2u);
  EXPECT_EQ(times[0].first, "cpu0");
  EXPECT_EQ(times[0].second.user_ns, 1100u);
  EXPECT_EQ(times[0].second.system_ns, 270u);
}

TEST(HostUse, memory_that_can_be_had_back_is_not_used) {
  const json::Value memory = host_memory(
      "MemTotal:  1000 kB\nMemFree: 300 kB\nMemAvailable: 700 kB\nBuffers: 50 kB\nCached: 350 kB\n"
      "SReclaimable: 100 kB\n");
  EXPECT_EQ(*memory.at("Total").as_int(), 1000 * 1024);
  EXPECT_EQ(*memory.at("Available").as_int(), 700 * 1024);
  EXPECT_EQ(*memory.at("Used").as_int(), 200 * 1024);
  EXPECT_EQ(*host_memory("").find("Used")->as_int(), 0);
}

TEST(HostUse, percents_are_between_none_and_all) {
  const json::Value cpu = host_cpu("cpu0", {.user = 0.25, .system = 0.5});
  EXPECT_DOUBLE_EQ(cpu.at("User").number(), 25);
  EXPECT_DOUBLE_EQ(cpu.at("Total").number(), 75);
  EXPECT_DOUBLE_EQ(cpu.at("Idle").number(), 25);
  EXPECT_DOUBLE_EQ(json::Value(host_cpu("cpu0", {.user = 1.01})).at("Idle").number(), 0);
}

TEST(HostUse, each_device_counts_once_where_it_was_mounted_first) {
  const auto places = mounted_devices(
      "21 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "30 21 0:5 / /proc rw,nosuid shared:3 - proc proc rw\n"
      "31 21 254:0 /x /var/alloc rw shared:1 - ext4 /dev/vda rw\nbroken - line\n");
  EXPECT_EQ(places, (std::map<std::string, std::string>{{"/dev/vda", "/"}}));
}

}  // namespace
}  // namespace caravan::client
