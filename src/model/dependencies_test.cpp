// SPDX-License-Identifier: Apache-2.0
#include "model/dependencies.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

TEST(Dependencies, a_way_around_is_told_from_where_it_begins) {
  EXPECT_EQ(cycle_text(find_cycle({{"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}})), "b -> c -> b");
  EXPECT_EQ(cycle_text(find_cycle({{"a", {"a"}}})), "a -> a");
  EXPECT_TRUE(find_cycle({{"a", {"b", "c"}}, {"b", {"c"}}, {"c", {}}}).empty());
  EXPECT_TRUE(find_cycle({{"a", {"not there"}}}).empty());
}

TEST(Dependencies, a_long_chain_is_followed_to_its_end) {
  Dependencies chain;
  constexpr int length = 100'000;
  for (int i = 0; i < length; ++i)
    chain[std::to_string(i)] = {std::to_string(i + 1)};
  EXPECT_TRUE(find_cycle(chain).empty());
  chain[std::to_string(length)] = {"0"};
  EXPECT_EQ(find_cycle(chain).size(), std::size_t(length) + 2);
}

class DependencyComplaints : public testing::Test {
 protected:
  DependencyComplaints() {
    job.id = "shop";
    for (const char* name : {"db", "web"}) {
      TaskGroup& group = job.groups.emplace_back();
      group.name = name;
      for (const char* task : {"one", "two"})
        group.tasks.emplace_back().name = task;
    }
  }
  Task& task(std::size_t group, std::size_t n) { return job.groups[group].tasks[n]; }
  void hook(Task& task, const char* name) { task.lifecycle.emplace().hook = name; }
  std::string complaints() { return base::join(dependency_complaints(job), "\n"); }
  Job job;
};

TEST_F(DependencyComplaints, names_and_order_that_work_are_no_matter) {
  task(0, 1).depends_on = {"one"};
  job.groups[1].depends_on = {"db"};
  job.depends_on = {"dns"};
  EXPECT_EQ(complaints(), "");
}

TEST_F(DependencyComplaints, what_is_not_there_or_waits_for_itself_is_named) {
  task(0, 0).depends_on = {"two"};
  task(0, 1).depends_on = {"one"};
  task(1, 0).depends_on = {"three"};
  job.groups[0].depends_on = {"web", "cache"};
  job.groups[1].depends_on = {"db"};
  job.depends_on = {"shop"};
  EXPECT_EQ(complaints(),
            "group \"db\": DependsOn: tasks wait for each other: one -> two -> one\n"
            "group \"web\": task \"one\": DependsOn: there is no task \"three\"\n"
            "Job: group \"db\": DependsOn: there is no group \"cache\"\n"
            "Job: DependsOn: groups wait for each other: db -> web -> db\n"
            "Job.DependsOn: the job waits for itself: shop -> shop");
}

TEST_F(DependencyComplaints, lifecycle_hooks_keep_their_order) {
  hook(task(0, 0), "poststop");
  task(0, 1).depends_on = {"one"};
  hook(task(1, 0), "prestart");
  task(1, 0).depends_on = {"two"};
  EXPECT_EQ(
      complaints(),
      "group \"db\": task \"two\": DependsOn: \"one\" is a poststop task, which starts when "
      "all others have ended\n"
      "group \"web\": task \"one\": DependsOn: a prestart task cannot wait for \"two\", which "
      "starts after it");
  job.groups.erase(job.groups.begin());
  hook(task(0, 0), "poststart");
  task(0, 0).depends_on.clear();
  task(0, 1).depends_on = {"one"};
  EXPECT_EQ(
      complaints(),
      "group \"web\": task \"two\": DependsOn: \"one\" is a poststart task, which starts when "
      "the main tasks run");
}

}  // namespace
}  // namespace caravan::model
