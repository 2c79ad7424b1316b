// SPDX-License-Identifier: Apache-2.0
#include "model/namespace.hpp"

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

Job job_with(std::string driver, std::string pool) {
  Job job;
  job.node_pool = std::move(pool);
  Task task;
  task.name = "t";
  task.driver = std::move(driver);
  TaskGroup group;
  group.name = "g";
  group.tasks = {task};
  job.groups = {group};
  return job;
}

TEST(Namespace, says_which_drivers_and_pools_its_jobs_may_use) {
  Namespace space;
  space.name = "dev";
  EXPECT_TRUE(forbidden(space, job_with("docker", "gpu")).empty());
  space.capabilities.emplace().disabled_drivers = {"raw_exec"};
  space.pools.emplace().allowed = {"small"};
  space.pools->fallback = "default";
  EXPECT_TRUE(forbidden(space, job_with("docker", "small")).empty());
  EXPECT_TRUE(forbidden(space, job_with("docker", "default")).empty());
  const std::vector<std::string> expected = {
      "Job.NodePool: jobs in namespace \"dev\" may not use \"gpu\"",
      "task \"t\": driver \"raw_exec\" is not allowed in namespace \"dev\""};
  EXPECT_EQ(forbidden(space, job_with("raw_exec", "gpu")), expected);
}

TEST(Namespace, has_a_name_of_letters_digits_and_dashes) {
  Namespace space;
  space.name = "not ok!";
  EXPECT_EQ(complaint(space), "invalid name \"not ok!\". Must match regex ^[a-zA-Z0-9-]{1,128}$");
  space.name = "ok-1";
  EXPECT_EQ(complaint(space), "");
}

TEST(ScalingPolicy, complains_about_bounds_that_the_count_breaks) {
  ScalingPolicy policy;
  policy.min = 2;
  policy.max = 4;
  EXPECT_TRUE(complaints(policy, 2).empty());
  EXPECT_EQ(complaints(policy, 5),
            std::vector<std::string>{"the group's Count 5 is outside Min..Max, 2..4"});
  policy.max = 1;
  EXPECT_EQ(complaints(policy, 2), std::vector<std::string>{"Max: 1 is below Min 2"});
}

}  // namespace
}  // namespace caravan::model
