// SPDX-License-Identifier: Apache-2.0
#include "wire/job_in.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"

namespace caravan::wire {
namespace {

using namespace std::chrono_literals;

model::Job read(const char* text) { return job_from_json(json::parse(text).value()).value(); }

TEST(JobIn, batch_jobs_have_the_batch_defaults) {
  const model::Job job =
      read(R"({"ID":"b","Type":"batch","TaskGroups":[{"Name":"g","Tasks":[{"Name":"t"}]}]})");
  EXPECT_EQ(job.name, "b");
  EXPECT_EQ(job.groups[0].restart.attempts, 3);
  EXPECT_EQ(job.groups[0].restart.interval, 24h);
  EXPECT_EQ(job.groups[0].tasks[0].restart.attempts, 3);
  EXPECT_EQ(job.groups[0].reschedule->attempts, 1);
  EXPECT_FALSE(job.groups[0].reschedule->unlimited);
  EXPECT_FALSE(job.groups[0].update.has_value());
}

TEST(JobIn, a_task_inherits_what_its_own_restart_block_leaves_open) {
  const model::Job job = read(R"({"ID":"s","TaskGroups":[{"Name":"g","RestartPolicy":{"Attempts":7},
    "Tasks":[{"Name":"t","RestartPolicy":{"Delay":1000000000}}]}]})");
  EXPECT_EQ(job.groups[0].tasks[0].restart.attempts, 7);
  EXPECT_EQ(job.groups[0].tasks[0].restart.delay, 1s);
  EXPECT_EQ(job.groups[0].tasks[0].restart.interval, 30min);
}

TEST(JobIn, the_update_block_of_the_job_flows_into_its_groups) {
  const model::Job job = read(R"({"ID":"s","Update":{"MaxParallel":3,"HealthCheck":""},
    "TaskGroups":[{"Name":"a"},{"Name":"b","Update":{"MaxParallel":5}}]})");
  EXPECT_EQ(job.groups[0].update->max_parallel, 3);
  EXPECT_EQ(job.groups[1].update->max_parallel, 5);
  EXPECT_EQ(job.groups[1].update->min_healthy_time, 10s);
}

TEST(JobIn, an_update_block_of_zeros_is_none) {
  const model::Job job = read(R"({"ID":"s","Type":"system","TaskGroups":[{"Name":"g"}],
    "Update":{"Canary":0,"HealthCheck":"","HealthyDeadline":0,"MaxParallel":0,"Stagger":0}})");
  EXPECT_EQ(job.groups[0].update, model::UpdateStrategy());
}

TEST(JobIn, the_default_identity_is_for_the_api_wherever_it_stands) {
  const model::Job job = read(R"({"ID":"s","TaskGroups":[{"Name":"g","Tasks":[
    {"Name":"a","Identity":{"Audience":["else"],"File":true}},
    {"Name":"b","Identities":[{"Name":"x"},{"Name":"default","Env":true}]}]}]})");
  const model::Task &a = job.groups[0].tasks[0], &b = job.groups[0].tasks[1];
  EXPECT_EQ(a.identity->audience, std::vector<std::string>{"nomadproject.io"});
  EXPECT_EQ(a.identity->name, "default");
  EXPECT_TRUE(a.identity->file);
  EXPECT_TRUE(b.identity->env);
  ASSERT_EQ(b.identities.size(), 1u);
  EXPECT_EQ(b.identities[0].name, "x");
}

TEST(JobIn, system_jobs_have_no_reschedule_policy) {
  EXPECT_FALSE(read(R"({"ID":"s","Type":"system","TaskGroups":[{"Name":"g"}]})")
                   .groups[0]
                   .reschedule.has_value());
}

TEST(JobIn, keys_are_found_whatever_their_case) {
  const auto job = job_from_json(json::parse(R"({
    "id": "x", "UPDATE": {"maxparallel": 7},
    "taskgroups": [{"name": "g", "COUNT": 3, "restartpolicy": {"attempts": 9},
                    "networks": [{"dynamicports": [{"label": "http", "hostnetwork": ""}]}],
                    "tasks": [{"name": "t", "driver": "raw_exec"}]}]})")
                                     .value());
  ASSERT_TRUE(job) << job.error().message;
  const model::TaskGroup& group = job->groups.at(0);
  EXPECT_EQ(job->name, "x");
  EXPECT_EQ(group.count, 3);
  EXPECT_EQ(group.update->max_parallel, 7);
  EXPECT_EQ(group.tasks.at(0).restart.attempts, 9);
  EXPECT_EQ(group.networks.at(0).dynamic_ports.at(0).host_network, "default");
}

TEST(JobIn, what_is_no_object_is_refused) {
  EXPECT_FALSE(job_from_json(json::Value("x")).has_value());
  EXPECT_FALSE(job_from_json(json::parse(R"({"TaskGroups":{}})").value()).has_value());
}

}  // namespace
}  // namespace caravan::wire
