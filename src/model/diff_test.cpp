// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/diff.hpp"

namespace caravan::model {
namespace {

Job web() {
  Job job;
  job.id = job.name = "web";
  job.meta["owner"] = "me";
  TaskGroup group;
  group.name = "app";
  group.count = 2;
  Task task;
  task.name = "server";
  task.driver = "raw_exec";
  task.env["GREETING"] = "hello";
  task.resources.memory_mb = 32;
  task.config["args"] = json::Array{"a", "b"};
  group.tasks.push_back(task);
  job.groups.push_back(group);
  return job;
}

std::string shown(const std::vector<FieldDiff>& fields) {
  std::string text;
  for (const FieldDiff& f : fields)
    if (f.type != DiffType::none)
      text += fmt::format("{} {}: {} -> {}\n", name_of(f.type), f.name, f.old_value, f.new_value);
  return text;
}

TEST(Diff, the_same_job_differs_in_nothing) {
  Job again = web();
  again.version = 7;
  again.status = JobStatus::running;
  again.modify_index = 99;
  const Job before = web();
  const JobDiff d = diff(&before, again);
  EXPECT_EQ(d.type, DiffType::none);
  ASSERT_EQ(d.groups.size(), 1u);
  EXPECT_EQ(d.groups[0].type, DiffType::none);
  EXPECT_EQ(d.groups[0].tasks.at(0).type, DiffType::none);
}

TEST(Diff, fields_maps_and_configs_have_their_names) {
  const Job before = web();
  Job after = web();
  Task& task = after.groups[0].tasks[0];
  task.env = {{"GREETING", "bonjour"}, {"EXTRA", "1"}};
  task.resources.memory_mb = 48;
  task.config["args"] = json::Array{"a", "c"};
  after.groups[0].count = 3;
  const JobDiff d = diff(&before, after);
  EXPECT_EQ(d.type, DiffType::edited);
  EXPECT_EQ(shown(d.groups[0].fields), "Edited Count: 2 -> 3\n");
  const TaskDiff& t = d.groups[0].tasks[0];
  EXPECT_EQ(shown(t.fields), "Added Env[EXTRA]:  -> 1\nEdited Env[GREETING]: hello -> bonjour\n");
  ASSERT_EQ(t.objects.size(), 2u);
  EXPECT_EQ(t.objects[0].name, "Config");
  EXPECT_EQ(shown(t.objects[0].fields), "Edited args[1]: b -> c\n");
  EXPECT_EQ(t.objects[1].name, "Resources");
  EXPECT_EQ(shown(t.objects[1].fields), "Edited MemoryMB: 32 -> 48\n");
  EXPECT_GT(t.objects[1].fields.size(), 1u);  // those that stay stand around it
}

TEST(Diff, blocks_of_a_list_come_and_go) {
  Job before = web(), after = web();
  before.constraints.push_back({"${attr.kernel.name}", "=", "linux", {}});
  after.constraints.push_back({"${attr.kernel.name}", "=", "linux", {}});
  after.constraints.push_back({"${node.class}", "=", "big", {}});
  after.datacenters = {"dc1", "dc2"};
  const JobDiff d = diff(&before, after);
  ASSERT_EQ(d.objects.size(), 2u);
  EXPECT_EQ(d.objects[0].name, "Constraint");
  EXPECT_EQ(d.objects[0].type, DiffType::added);
  EXPECT_EQ(d.objects[1].name, "Datacenters");
  EXPECT_EQ(shown(d.objects[1].fields),
            "Deleted Datacenters: * -> \nAdded Datacenters:  -> dc1\nAdded Datacenters:  -> dc2\n");
}

TEST(Diff, a_new_job_is_all_added_and_a_gone_task_is_deleted) {
  const JobDiff fresh = diff(nullptr, web());
  EXPECT_EQ(fresh.type, DiffType::added);
  EXPECT_EQ(fresh.groups.at(0).type, DiffType::added);
  EXPECT_EQ(fresh.groups[0].tasks.at(0).type, DiffType::added);
  Job before = web();
  before.groups[0].tasks.push_back(before.groups[0].tasks[0]);
  before.groups[0].tasks[1].name = "sidecar";
  const JobDiff d = diff(&before, web());
  EXPECT_EQ(d.groups[0].type, DiffType::edited);
  EXPECT_EQ(d.groups[0].tasks.at(1).type, DiffType::deleted);
}

}  // namespace
}  // namespace caravan::model
