// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/allocation.hpp"

namespace caravan::model {
namespace {

Job small_job() {
  Job job;
  job.id = job.name = "web";
  TaskGroup& group = job.groups.emplace_back();
  group.name = "app";
  Task& task = group.tasks.emplace_back();
  task.name = "server";
  task.driver = "raw_exec";
  return job;
}

TEST(Validate, a_small_job_is_fine) { EXPECT_TRUE(validate(small_job()).empty()); }

TEST(Validate, each_complaint_names_path_value_and_limit) {
  Job job = small_job();
  job.priority = 200;
  job.groups[0].count = 50'001;
  job.groups[0].tasks[0].resources.memory_mb = 1;
  const std::vector<std::string> complaints = validate(job);
  EXPECT_EQ(complaints[0], "Job.Priority: 200 is outside 1..100");
  EXPECT_TRUE(std::ranges::count(complaints, "Job.TaskGroups[0].Count: 50001 is outside 0..50000"));
  EXPECT_TRUE(std::ranges::count(
      complaints, "Job.TaskGroups[0].Tasks[0].Resources.MemoryMB: 1 is outside 10..16777216"));
}

TEST(Validate, names_that_become_folders_cannot_climb) {
  for (const char* name : {"..", "a/b", "", "alloc", "a b"}) {
    Job job = small_job();
    job.groups[0].tasks[0].name = name;
    EXPECT_FALSE(validate(job).empty()) << name;
  }
}

TEST(Validate, identities_have_names_and_files_of_their_own) {
  Job job = small_job();
  Task& task = job.groups[0].tasks[0];
  task.identity = WorkloadIdentity{.name = "default", .file = true};
  task.identities = {
      {.name = "vault", .change_mode = "restart", .env = true, .ttl = base::Duration(1)},
      {.name = "web-2", .filepath = "local/token", .file = true}};
  EXPECT_TRUE(validate(job).empty());
  const std::pair<WorkloadIdentity, const char*> bad[] = {
      {{.name = "a b"}, ".Name: \"a b\" is not 1 to 128 letters, digits, - and _"},
      {{.name = "vault"}, ".Name: the task has two identities \"vault\""},
      {{.name = "default"}, ".Name: the task has two identities \"default\""},
      {{.name = "x", .change_mode = "script"},
       ".ChangeMode: \"script\" is none of noop, signal, restart"},
      {{.name = "x", .change_mode = "signal"},
       ".ChangeSignal: it goes with the change mode signal, and that one needs it"},
      {{.name = "x", .change_signal = "SIGHUP"},
       ".ChangeSignal: it goes with the change mode signal, and that one needs it"},
      {{.name = "x", .filepath = "local/t"}, ".Filepath: it needs file = true"},
      {{.name = "x", .filepath = "../../t", .file = true},
       ".Filepath: \"../../t\" leaves the allocation"},
      {{.name = "x", .ttl = base::Duration(-1)}, ".TTL: -1ns is negative"}};
  const std::vector<WorkloadIdentity> good = task.identities;
  for (const auto& [identity, complaint] : bad) {
    task.identities = good;
    task.identities.push_back(identity);
    const std::string expected =
        std::string("Job.TaskGroups[0].Tasks[0].Identities[2]") + complaint;
    EXPECT_EQ(validate(job), std::vector{expected});
  }
  task.identities = good;
  task.identities[1].filepath = "secrets/nomad_token";
  EXPECT_EQ(validate(job)[0],
            "Job.TaskGroups[0].Tasks[0].Identities: two of them go into the file "
            "secrets/nomad_token");
  task.identities = good;
  task.identity->ttl = base::Duration(1);
  EXPECT_EQ(validate(job)[0],
            "Job.TaskGroups[0].Tasks[0].Identity.TTL: the default identity lasts as long as its "
            "allocation");
}

TEST(Validate, complaints_are_limited) {
  Job job = small_job();
  for (int i = 0; i < 100; ++i)
    job.groups.push_back(job.groups[0]);
  EXPECT_EQ(validate(job).size(), 20u);
}

TEST(NotBuilt, what_no_node_can_do_yet_is_named) {
  Job job = small_job();
  TaskGroup& group = job.groups[0];
  group.services.emplace_back().connect = json::Object{{"Native", true}};
  group.tasks[0].artifacts.emplace_back().source = "git::https://example.com/r.git";
  const std::vector<std::string> expected = {"group \"app\": service.connect",
                                             "task \"server\": artifact by git"};
  EXPECT_EQ(not_built(job), expected);
}

TEST(Footprint, hooks_that_never_run_together_are_not_added_up) {
  TaskGroup group = small_job().groups[0];
  Task init = group.tasks[0];
  init.name = "init";
  init.lifecycle = TaskLifecycle{.hook = "prestart"};
  init.resources.memory_mb = 1000;
  group.tasks.push_back(init);
  EXPECT_EQ(footprint(group).memory_mb, 1000);
  EXPECT_EQ(footprint(group).cpu, 100);
  group.tasks.back().lifecycle->sidecar = true;
  EXPECT_EQ(footprint(group).memory_mb, 1300);
}

TEST(Validate, a_raw_exec_task_has_nowhere_to_mount_a_volume) {
  Job job = small_job();
  TaskGroup& group = job.groups[0];
  VolumeRequest data;
  data.name = data.source = "data";
  data.type = "host";
  group.volumes["data"] = data;
  VolumeMount mount;
  mount.volume = "data";
  mount.destination = "/data";
  group.tasks[0].volume_mounts = {mount};
  group.tasks[0].driver = "exec";
  EXPECT_EQ(validate(job), std::vector<std::string>());
  group.tasks[0].driver = "raw_exec";
  ASSERT_EQ(validate(job).size(), 1u);
  EXPECT_NE(validate(job)[0].find("no root to mount into"), std::string::npos);
}

}  // namespace
}  // namespace caravan::model
