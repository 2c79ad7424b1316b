// SPDX-License-Identifier: Apache-2.0
#include "client/task_env.hpp"

#include <gtest/gtest.h>

#include "client/restart_tracker.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

class TaskEnvTest : public testing::Test {
 protected:
  TaskEnvTest() {
    model::Job job;
    job.id = job.name = "db";
    job.meta = {{"a-b", "job"}, {"owner", "job"}};
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "crate";
    model::Task& task = group.tasks.emplace_back();
    task.name = "node";
    task.meta["owner"] = "task";
    task.env["NAME"] = "${NOMAD_GROUP_NAME}-${NOMAD_ALLOC_INDEX}";
    task.env["WHERE"] = "${attr.kernel.name}/${meta.rack}/${nobody.knows}";
    alloc.job = std::make_shared<const model::Job>(job);
    alloc.group = "crate";
    alloc.index = 2;
    alloc.ports = {{.label = "http-rest", .value = 21000, .to = 4200, .host_ip = "10.0.0.5"}};
    node.attributes["kernel.name"] = "linux";
    node.meta["rack"] = "r1";
  }
  TaskEnv env(std::map<std::string, std::string> host = {}) {
    return TaskEnv({alloc,
                    alloc.task_group().tasks[0],
                    node,
                    "global",
                    {"/alloc", "/local", "/secrets"},
                    std::move(host),
                    {}});
  }
  model::Allocation alloc;
  model::Node node;
};

TEST_F(TaskEnvTest, cleans_only_the_prefixes_that_users_know_cleaned) {
  const auto v = env().variables();
  EXPECT_EQ(v.at("NOMAD_PORT_http_rest"), "4200");
  EXPECT_EQ(v.at("NOMAD_HOST_PORT_http_rest"), "21000");
  EXPECT_EQ(v.at("NOMAD_ADDR_http_rest"), "10.0.0.5:21000");
  EXPECT_EQ(v.at("NOMAD_HOST_ADDR_http-rest"), "10.0.0.5:21000");
  EXPECT_EQ(v.at("NOMAD_ALLOC_PORT_http-rest"), "4200");
}

TEST_F(TaskEnvTest, meta_comes_twice_and_the_task_wins) {
  const auto v = env().variables();
  EXPECT_EQ(v.at("NOMAD_META_a_b"), "job");
  EXPECT_EQ(v.at("NOMAD_META_A_B"), "job");
  EXPECT_EQ(v.at("NOMAD_META_owner"), "task");
}

TEST_F(TaskEnvTest, references_are_filled_in_and_unknown_ones_stay) {
  const auto v = env().variables();
  EXPECT_EQ(v.at("NAME"), "crate-2");
  EXPECT_EQ(v.at("WHERE"), "linux/r1/${nobody.knows}");
}

TEST_F(TaskEnvTest, the_hosts_variables_never_replace_ours_and_tokens_stay_out) {
  const auto v = env(filter_host_env({{"NOMAD_DC", "x"},
                                      {"PATH", "/bin"},
                                      {"VAULT_TOKEN", "s"},
                                      {"CARAVAN_KEYRING_PASSPHRASE", "s"},
                                      {"NOMAD_CLIENT_INTRO_TOKEN", "s"}}))
                     .variables();
  EXPECT_EQ(v.at("NOMAD_DC"), "dc1");
  EXPECT_EQ(v.at("PATH"), "/bin");
  EXPECT_FALSE(v.contains("VAULT_TOKEN"));
  EXPECT_FALSE(v.contains("CARAVAN_KEYRING_PASSPHRASE"));
  EXPECT_FALSE(v.contains("NOMAD_CLIENT_INTRO_TOKEN"));
}

TEST(RestartTracker, gives_up_after_its_attempts_and_forgets_with_the_interval) {
  const base::Instant t = base::Instant::from_seconds(1'000);
  RestartTracker tracker({.attempts = 2, .interval = 60s, .delay = 1s}, true);
  EXPECT_EQ(tracker.on_exit(false, t).kind, RestartDecision::Kind::restart);
  EXPECT_EQ(tracker.on_exit(true, t + 1s).kind, RestartDecision::Kind::restart);
  const RestartDecision last = tracker.on_exit(false, t + 2s);
  EXPECT_EQ(last.kind, RestartDecision::Kind::give_up);
  EXPECT_EQ(last.reason, "Exceeded allowed attempts 2 in interval 1m0s and mode is \"fail\"");
  EXPECT_EQ(tracker.on_exit(false, t + 61s).kind, RestartDecision::Kind::restart);
}

TEST(RestartTracker, delay_mode_waits_for_the_end_of_the_interval) {
  const base::Instant t = base::Instant::from_seconds(1'000);
  RestartTracker tracker(
      {.attempts = 1, .interval = 60s, .delay = 1s, .mode = model::RestartPolicy::Mode::delay},
      true);
  tracker.on_exit(false, t);
  EXPECT_EQ(tracker.on_exit(false, t + 10s).delay, 50s);
}

TEST(RestartTracker, what_is_done_is_done) {
  RestartTracker tracker({}, false);
  EXPECT_EQ(tracker.on_exit(true, base::Instant::from_seconds(1)).kind,
            RestartDecision::Kind::finish);
  EXPECT_EQ(tracker.on_start_error(false, base::Instant::from_seconds(1)).kind,
            RestartDecision::Kind::give_up);
}

}  // namespace
}  // namespace caravan::client
