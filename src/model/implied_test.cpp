// SPDX-License-Identifier: Apache-2.0
#include "model/implied.hpp"

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

Job job_with_mode(const char* mode) {
  Job job;
  NetworkResource network;
  network.mode = mode;
  job.groups.emplace_back().networks.push_back(network);
  return job;
}

TEST(Implied, a_bridge_needs_its_plugins_and_twice_is_once) {
  Job job = job_with_mode("bridge");
  add_implied_constraints(job);
  ASSERT_EQ(job.groups[0].constraints.size(), 5u);
  EXPECT_EQ(to_string(job.groups[0].constraints[0]),
            "${attr.plugins.cni.version.bridge} semver >= 0.4.0");
  const Job once = job;
  add_implied_constraints(job);
  EXPECT_EQ(job, once);
}

TEST(Implied, other_networks_need_nothing) {
  Job job = job_with_mode("host");
  add_implied_constraints(job);
  EXPECT_TRUE(job.groups[0].constraints.empty());
}

}  // namespace
}  // namespace caravan::model
