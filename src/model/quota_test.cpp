// SPDX-License-Identifier: Apache-2.0
#include "model/quota.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

std::string over(std::int64_t limit, std::int64_t used, std::int64_t more) {
  QuotaAmounts l, u, m;
  l.memory_mb = limit;
  u.memory_mb = used;
  m.memory_mb = more;
  return base::join(exceeded(l, u, m), "\n");
}

TEST(Quota, zero_is_no_limit_and_a_negative_number_allows_nothing) {
  EXPECT_EQ(over(500, 400, 100), "");
  EXPECT_EQ(over(500, 400, 101), "memory exhausted (501 needed > 500 limit)");
  EXPECT_EQ(over(0, 400, 100), "");
  EXPECT_EQ(over(-1, 0, 1), "memory exhausted (1 needed > 0 limit)");
  EXPECT_EQ(over(500, 900, 0), "");  // who asks for nothing is not kept back
}

TEST(Quota, a_copy_counts_all_of_its_tasks) {
  TaskGroup group;
  group.ephemeral_disk.size_mb = 300;
  for (const int memory_max : {0, 512}) {
    Task& task = group.tasks.emplace_back();
    task.resources.cpu = 100;
    task.resources.memory_mb = 256;
    task.resources.memory_mb_max = memory_max;
  }
  group.tasks[1].resources.cores = 2;
  const QuotaAmounts amounts = quota_amounts(group);
  EXPECT_EQ(amounts.cpu, 100);  // cores take the place of shares
  EXPECT_EQ(amounts.cores, 2);
  EXPECT_EQ(amounts.memory_mb, 512);
  EXPECT_EQ(amounts.memory_mb_max, 768);
  EXPECT_EQ(amounts.disk_mb, 300);
}

TEST(Quota, what_is_wrong_or_not_built_is_named) {
  Quota quota;
  quota.name = "q/1";
  EXPECT_EQ(complaint(quota), "invalid name \"q/1\". Must match regex ^[a-zA-Z0-9-]{1,128}$");
  quota.name = "q1";
  EXPECT_EQ(complaint(quota), "Limits: must provide at least one quota limit");
  quota.limits.resize(2);
  EXPECT_EQ(complaint(quota), "Limits: region \"global\" has two limits");
  quota.limits.pop_back();
  EXPECT_EQ(complaint(quota), "");
  quota.limits[0].amounts.networks = json::Array{json::Object{{"MBits", 0}, {"CIDR", ""}}};
  EXPECT_EQ(complaint(quota), "");  // as the peers write what says nothing
  quota.limits[0].amounts.networks = json::Array{json::Object{{"MBits", 50}}};
  EXPECT_EQ(complaint(quota), "Limits of region \"global\": Networks: not built yet");
}

}  // namespace
}  // namespace caravan::model
