// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "driver/cgroup_cpu.hpp"
#include "driver/process_use.hpp"

namespace caravan::driver {
namespace {

TEST(CgroupCpu, unified_times_are_in_microseconds) {
  const CpuTime time = parse_cpu_stat(
      "usage_usec 3500\nuser_usec 2000\nsystem_usec 1500\nnr_periods 9\nnr_throttled 2\n"
      "throttled_usec 70\n");
  EXPECT_EQ(time.user_ns, 2'000'000u);
  EXPECT_EQ(time.system_ns, 1'500'000u);
  EXPECT_EQ(time.throttled_periods, 2u);
  EXPECT_EQ(time.throttled_ns, 70'000u);
}

TEST(CgroupCpu, of_the_older_kind_throttling_is_in_nanoseconds) {
  const CpuTime time = parse_cpu_stat("nr_periods 9\nnr_throttled 1\nthrottled_time 70\n");
  EXPECT_EQ(time.throttled_periods, 1u);
  EXPECT_EQ(time.throttled_ns, 70u);
  EXPECT_EQ(parse_cpu_stat("nonsense\nuser_usec\nuser_usec -1\n").user_ns, 0u);
}

TEST(ProcessUse, is_its_own_and_that_of_children_that_ended) {
  const auto usage = parse_process_stat(
      "42 (a ) b) S 1 42 42 0 -1 4194560 9 8 7 6 11 12 13 14 20 0 1 0 100 4096 5 0", 10, 4096);
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->rss_bytes, 5u * 4096);
  EXPECT_EQ(usage->cpu->user_ns, (11u + 13) * 10);
  EXPECT_EQ(usage->cpu->system_ns, (12u + 14) * 10);
}

TEST(ProcessUse, of_what_is_no_such_line_there_is_none) {
  for (const char* line : {"", "42", "42 (x) S 1 2 3", "42 (x"})
    EXPECT_FALSE(parse_process_stat(line, 10, 4096)) << line;
}

}  // namespace
}  // namespace caravan::driver
