// SPDX-License-Identifier: Apache-2.0
#include "server/broker.hpp"

#include <gtest/gtest.h>

#include "server/blocked.hpp"
#include "server/steady_deadlines.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

const base::Duration start = 1'000s;
const base::Instant wall = base::Instant::from_seconds(2'000'000);

model::Evaluation eval(std::uint8_t n, std::string job, int priority = 50) {
  model::Evaluation e;
  e.id.bytes[15] = n;
  e.job_id = std::move(job);
  e.priority = priority;
  e.create_index = n;
  return e;
}

TEST(Broker, hands_out_by_priority_and_then_by_age) {
  Broker broker;
  broker.enqueue(eval(1, "a"), start, wall);
  broker.enqueue(eval(2, "b"), start, wall);
  broker.enqueue(eval(3, "c", 90), start, wall);
  EXPECT_EQ(broker.dequeue(start)->eval.job_id, "c");
  EXPECT_EQ(broker.dequeue(start)->eval.job_id, "a");
  EXPECT_EQ(broker.dequeue(start)->eval.job_id, "b");
  EXPECT_FALSE(broker.dequeue(start).has_value());
}

TEST(Broker, works_on_one_evaluation_of_a_job_and_drops_the_ones_in_between) {
  Broker broker;
  for (std::uint8_t n = 1; n <= 4; ++n)
    broker.enqueue(eval(n, "web"), start, wall);
  const auto first = broker.dequeue(start);
  EXPECT_FALSE(broker.dequeue(start).has_value());
  EXPECT_EQ(broker.ack(first->eval.id, first->token, start).size(), 2u);
  EXPECT_EQ(broker.dequeue(start)->eval.create_index, 4u);
}

// Room that came up between a worker's look and its ack: the reason was lost (simulation, seed
// 502397352).
TEST(Broker, what_is_asked_for_while_a_worker_has_it_comes_again) {
  Broker broker;
  broker.enqueue(eval(1, "web"), start, wall);
  const auto first = broker.dequeue(start);
  broker.enqueue(eval(1, "web"), start, wall);
  EXPECT_FALSE(broker.dequeue(start).has_value());
  EXPECT_TRUE(broker.ack(first->eval.id, first->token, start).empty());
  const auto second = broker.dequeue(start);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->eval.id, first->eval.id);
  EXPECT_TRUE(broker.ack(second->eval.id, second->token, start).empty());
  EXPECT_FALSE(broker.dequeue(start).has_value());
  broker.enqueue(eval(1, "web"), start, wall);  // and it is no stranger afterwards
  EXPECT_TRUE(broker.dequeue(start).has_value());
}

TEST(Broker, takes_an_evaluation_from_a_silent_worker_and_gives_up_after_three) {
  Broker broker;
  broker.enqueue(eval(1, "web"), start, wall);
  base::Duration now = start;
  for (int delivery = 1; delivery <= 3; ++delivery) {
    const auto d = broker.dequeue(now);
    ASSERT_TRUE(d.has_value()) << delivery;
    now = now + 60s;
    EXPECT_TRUE(broker.advance(now).given_up.empty());
    EXPECT_FALSE(broker.is_outstanding(d->eval.id, d->token));
    EXPECT_TRUE(broker.ack(d->eval.id, d->token, now).empty());  // too late: it changes nothing
    now = now + 20s;
    const auto given_up = broker.advance(now).given_up;
    EXPECT_EQ(given_up.size(), delivery == 3 ? 1u : 0u);
  }
  EXPECT_FALSE(broker.dequeue(now).has_value());
}

TEST(Broker, holds_back_until_the_time_has_come) {
  Broker broker;
  model::Evaluation later = eval(1, "web");
  later.wait_until = wall + 30s;
  broker.enqueue(later, start, wall);
  EXPECT_FALSE(broker.dequeue(start).has_value());
  EXPECT_EQ(broker.next_due(), start + 30s);
  broker.advance(start + 30s);
  EXPECT_TRUE(broker.dequeue(start + 30s).has_value());
}

TEST(Broker, holds_back_no_longer_than_was_meant_whatever_the_clock_of_the_leader_before) {
  Broker broker;
  model::Evaluation later = eval(1, "web");
  later.create_time_ns = (wall + 600s).unix_ns;
  later.wait_until = wall + 605s;
  broker.enqueue(later, start, wall);
  EXPECT_EQ(broker.next_due(), start + 5s);
}

TEST(SteadyDeadlines, begin_when_they_are_first_seen_and_anew_when_they_are_moved) {
  SteadyDeadlines deadlines;
  EXPECT_FALSE(deadlines.is_over("a", wall, 60s, 10s));
  EXPECT_FALSE(deadlines.is_over("a", wall, 60s, 69s));
  EXPECT_TRUE(deadlines.is_over("a", wall, 60s, 70s));
  EXPECT_FALSE(deadlines.is_over("a", wall + 1s, 60s, 71s)) << "there was progress";
  deadlines.forget_others();
  EXPECT_TRUE(deadlines.is_over("a", wall + 1s, 60s, 131s));
}

TEST(Blocked, only_the_classes_that_could_help_wake_it) {
  BlockedEvals blocked;
  model::Evaluation e = eval(1, "web");
  e.snapshot_index = 10;
  e.class_eligibility = {{"linux", true}, {"windows", false}};
  blocked.block(e);
  EXPECT_TRUE(blocked.unblock("windows", 11).empty());
  EXPECT_EQ(blocked.unblock("linux", 12).size(), 1u);
  blocked.block(e);  // its snapshot is older than what came up meanwhile
  EXPECT_EQ(blocked.take_missed().size(), 1u);
  e.snapshot_index = 12;
  blocked.block(e);
  EXPECT_EQ(blocked.unblock("never seen", 13).size(), 1u);
}

TEST(Blocked, what_a_quota_keeps_back_is_woken_by_that_quota_alone) {
  BlockedEvals blocked;
  model::Evaluation e = eval(1, "web");
  e.snapshot_index = 10;
  e.quota_limit_reached = "small";
  e.failed_groups["app"].quota_exhausted = {"memory exhausted (2 needed > 1 limit)"};
  blocked.block(e);
  EXPECT_TRUE(blocked.unblock("linux", 11).empty());
  EXPECT_TRUE(blocked.unblock_quota("large", 11).empty());
  EXPECT_EQ(blocked.unblock_quota("small", 12).size(), 1u);
  blocked.block(e);  // its snapshot is older than what came free meanwhile
  EXPECT_EQ(blocked.take_missed().size(), 1u);
  e.snapshot_index = 12;
  e.failed_groups["db"] = {};  // no node had room for this one
  blocked.block(e);
  EXPECT_EQ(blocked.unblock("linux", 13).size(), 1u);
}

TEST(Blocked, what_waits_for_others_goes_on_when_the_caller_says_so) {
  BlockedEvals blocked;
  model::Evaluation e = eval(1, "web");
  e.waits_for = {"job \"db\""};
  blocked.block(e);
  blocked.block(eval(2, "other"));
  EXPECT_TRUE(blocked.unblock("linux", 11).size() == 1 && blocked.size() == 1);
  EXPECT_TRUE(blocked.unblock_waiting([](const auto&) { return false; }).empty());
  EXPECT_EQ(blocked.unblock_waiting([](const auto&) { return true; }).at(0).job_id, "web");
  EXPECT_TRUE(blocked.unblock_waiting([](const auto&) { return true; }).empty());
}

TEST(Blocked, keeps_the_newest_of_a_job) {
  BlockedEvals blocked;
  blocked.block(eval(1, "web"));
  EXPECT_EQ(blocked.block(eval(2, "web")).at(0).create_index, 1u);
  EXPECT_EQ(blocked.size(), 1u);
}

}  // namespace
}  // namespace caravan::server
