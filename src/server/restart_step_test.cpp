// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server/restarts.hpp"

namespace caravan::server {
namespace {
using namespace std::chrono_literals;
using model::RestartProgress;
using model::RestartStatus;

/// A job of three copies that run, with health after 10 s and a deadline of 60 s.
class RestartStepTest : public testing::Test {
 protected:
  RestartStepTest() {
    model::Job job;
    job.id = "web";
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.count = 3;
    group.update.emplace().min_healthy_time = 10s;
    group.update->healthy_deadline = 60s;
    group.tasks.emplace_back().name = "serve";
    apply(wire::RegisterJob{.job = job});
    model::Node node;
    node.id = node_;
    node.status = model::NodeStatus::ready;
    apply(wire::RegisterNode{.node = node});
    wire::ApplyPlans plans;
    wire::PlanResult& plan = plans.plans.emplace_back();
    for (std::uint8_t n = 1; n <= 3; ++n) {
      model::Allocation& alloc = plan.placed.emplace_back();
      alloc.id = id(n);
      alloc.node_id = node_;
      alloc.job = store_.snapshot()->job({"default", "web"});
      alloc.group = "app";
      alloc.index = n - 1;
      restart_.allocs.emplace_back().id = alloc.id;
    }
    apply(plans);
    for (std::uint8_t n = 1; n <= 3; ++n)
      say(n, model::ClientStatus::running, 0);
    restart_.ns = "default";
    restart_.job_id = "web";
  }

  static base::AllocId id(std::uint8_t n) {
    base::AllocId id;
    id.bytes[15] = n;
    return id;
  }
  template <class Body>
  void apply(Body body) {
    ++index_;
    store_.apply(index_, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void say(std::uint8_t n, model::ClientStatus status, std::uint64_t restarts) {
    wire::AllocReport report{.alloc_id = id(n), .client_status = status};
    report.task_states["serve"].restarts = restarts;
    report.task_states["serve"].state = model::TaskRunState::running;
    apply(wire::UpdateAllocs{.node_id = node_, .reports = {report}});
  }
  /// What is asked for at this time, by the allocations' numbers.
  std::vector<int> asked(base::Duration now) {
    std::vector<int> numbers;
    const auto step = restart_step(*store_.snapshot(), restart_, watch_, now);
    if (!step) return numbers;
    restart_ = step->restart;
    for (const auto& [text, transition] : step->transitions)
      numbers.push_back(base::AllocId::parse(text)->bytes[15]);
    return numbers;
  }
  RestartProgress progress(std::size_t n) const { return restart_.allocs[n - 1].progress; }

  base::NodeId node_;
  state::Store store_;
  std::uint64_t index_ = 0;
  model::JobRestart restart_;
  RestartWatch watch_;
};

TEST_F(RestartStepTest, a_batch_begins_when_the_one_before_is_well_for_long_enough) {
  restart_.batch_size = 2;
  EXPECT_EQ(asked(0s), (std::vector<int>{1, 2}));
  EXPECT_TRUE(asked(30s).empty()) << "nobody has restarted anything yet";
  say(1, model::ClientStatus::running, 1);
  say(2, model::ClientStatus::running, 1);
  EXPECT_TRUE(asked(31s).empty());
  EXPECT_EQ(asked(41s), (std::vector<int>{3}));
  say(3, model::ClientStatus::running, 1);
  asked(42s);
  asked(52s);
  EXPECT_EQ(restart_.status, RestartStatus::complete);
}

TEST_F(RestartStepTest, one_that_starts_again_and_again_is_not_well_and_ends_it) {
  EXPECT_EQ(asked(0s), (std::vector<int>{1}));
  for (int n = 1; n <= 7; ++n) {
    say(1, model::ClientStatus::running, static_cast<std::uint64_t>(n));
    EXPECT_TRUE(asked(base::Duration(8s) * n).empty());
    EXPECT_EQ(restart_.status, RestartStatus::running);
  }
  say(1, model::ClientStatus::running, 8);
  asked(61s);
  EXPECT_EQ(restart_.status, RestartStatus::failed);
  EXPECT_EQ(progress(1), RestartProgress::failed);
  EXPECT_EQ(progress(2), RestartProgress::waiting) << "the others are left alone";
}

TEST_F(RestartStepTest, one_that_fails_pauses_it_where_somebody_wants_to_be_asked) {
  restart_.asks_on_error = true;
  asked(0s);
  say(1, model::ClientStatus::failed, 1);
  asked(1s);
  EXPECT_EQ(restart_.status, RestartStatus::paused);
  restart_.status = RestartStatus::running;
  EXPECT_EQ(asked(2s), (std::vector<int>{2}));
}

TEST_F(RestartStepTest, waits_between_batches_also_under_a_new_leader) {
  restart_.batch_wait = 20s;
  asked(0s);
  say(1, model::ClientStatus::running, 1);
  asked(1s);
  asked(11s);
  EXPECT_EQ(progress(1), RestartProgress::done);
  EXPECT_TRUE(asked(30s).empty());
  watch_ = RestartWatch();
  EXPECT_TRUE(asked(31s).empty());
  EXPECT_EQ(asked(51s), (std::vector<int>{2}));
}

TEST_F(RestartStepTest, pauses_after_each_batch_when_it_is_to_ask) {
  restart_.batch_wait = model::restart_wait_asks;
  restart_.batch_size = 2;
  asked(0s);
  say(1, model::ClientStatus::running, 1);
  say(2, model::ClientStatus::running, 1);
  asked(1s);
  EXPECT_TRUE(asked(11s).empty());
  EXPECT_EQ(restart_.status, RestartStatus::paused);
}

TEST_F(RestartStepTest, what_is_gone_needs_no_restart) {
  say(2, model::ClientStatus::complete, 0);
  say(3, model::ClientStatus::complete, 0);
  restart_.batch_size = 3;
  EXPECT_EQ(asked(0s), (std::vector<int>{1}));
  EXPECT_EQ(progress(2), RestartProgress::gone);
}

TEST_F(RestartStepTest, rescheduling_waits_for_the_replacement) {
  restart_.reschedule = true;
  const auto step = restart_step(*store_.snapshot(), restart_, watch_, 0s);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->transitions.at(id(1).to_string()).migrate, true);
  restart_ = step->restart;
  say(1, model::ClientStatus::complete, 0);
  EXPECT_TRUE(asked(5s).empty());
  EXPECT_EQ(progress(1), RestartProgress::restarting);
}

}  // namespace
}  // namespace caravan::server
