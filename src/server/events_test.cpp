// SPDX-License-Identifier: Apache-2.0
#include "server/events.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::server {
namespace {

class EventsTest : public testing::Test {
 protected:
  template <class Body>
  std::vector<std::string> apply(Body body) {
    const std::string bytes =
        wire::encode_command({.time_ns = 1'000, .body = wire::AnyCommand(std::move(body))});
    Change change;
    change.index = ++index;
    change.kind = wire::kind_of(bytes).value();
    change.before = store.snapshot();
    change.touched = std::make_shared<const std::vector<std::string>>(store.apply(index, bytes));
    change.after = store.snapshot();
    std::vector<std::string> told;
    for (const Event& event : events_of(change))
      told.push_back(event.topic + " " + event.type + " " +
                     (event.key.size() == 36 ? "id" : event.key) + (event.deleted ? " gone" : ""));
    log.add(std::move(change));
    return told;
  }
  model::Job web() {
    model::Job job;
    job.id = job.name = "a/web";
    job.groups.emplace_back().name = "app";
    return job;
  }
  model::Evaluation eval() {
    model::Evaluation eval;
    eval.id.bytes[15] = 9;
    eval.job_id = "a/web";
    return eval;
  }
  using Told = std::vector<std::string>;

  state::Store store;
  EventLog log{{.enabled = true, .size = 3}};
  std::uint64_t index = 0;
};

TEST_F(EventsTest, one_write_tells_of_everything_that_it_changed) {
  const Told registered = {"Job JobRegistered a/web", "Evaluation JobRegistered id"};
  EXPECT_EQ(apply(wire::RegisterJob{.job = web(), .eval = eval()}), registered);
  const Told gone = {"Job JobDeregistered a/web gone"};
  EXPECT_EQ(apply(wire::DeregisterJob{.ns = "default", .job_id = "a/web", .purge = true}), gone);
}

TEST_F(EventsTest, a_node_brings_its_pool_and_its_end_is_told) {
  model::Node node;
  node.id.bytes[15] = 1;
  node.node_pool = "gpu";
  const Told came = {"NodePool NodePoolUpserted gpu", "Node NodeRegistration id"};
  EXPECT_EQ(apply(wire::RegisterNode{.node = node}), came);
  EXPECT_EQ(apply(wire::PurgeNodes{.nodes = {node.id}}), Told{"Node NodeDeregistration id gone"});
  EXPECT_EQ(apply(wire::DeleteNodePools{.names = {"gpu"}}),
            Told{"NodePool NodePoolDeleted gpu gone"});
}

TEST_F(EventsTest, whom_else_is_believed_is_told) {
  const Told believed = {"ACLAuthMethod ACLAuthMethodUpserted sso"};
  EXPECT_EQ(apply(wire::UpsertAuthMethods{.methods = {{.name = "sso", .type = model::auth_jwt}}}),
            believed);
  model::BindingRule rule;
  rule.id.bytes[15] = 1;
  rule.auth_method = "sso";
  const Told bound = {"ACLBindingRule ACLBindingRuleUpserted id"};
  EXPECT_EQ(apply(wire::UpsertBindingRules{.rules = {rule}}), bound);
  const Told gone = {"ACLAuthMethod ACLAuthMethodDeleted sso gone"};
  EXPECT_EQ(apply(wire::DeleteAuthMethods{.names = {"sso"}}), gone);
}

TEST_F(EventsTest, what_concerns_nobody_is_no_event) {
  apply(wire::UpsertEvals{.evals = {eval()}});
  EXPECT_TRUE(apply(wire::Collect{.evals = {eval().id}}).empty());
  EXPECT_TRUE(apply(wire::SetSchedulerConfig{}).empty());
}

TEST_F(EventsTest, the_ring_says_when_a_reader_has_missed_something) {
  for (int i = 0; i < 3; ++i)
    apply(wire::UpsertEvals{.evals = {eval()}});
  EXPECT_EQ(log.begin(), 0u);
  EXPECT_EQ(log.after(0).change->index, 1u);
  apply(wire::UpsertEvals{.evals = {eval()}});
  EXPECT_TRUE(log.after(0).missed);
  EXPECT_EQ(log.after(1).change->index, 2u);
  EXPECT_FALSE(log.after(4).change);
  EXPECT_FALSE(log.after(4).missed);
  log.clear(10);
  EXPECT_TRUE(log.after(4).missed);
  EXPECT_EQ(log.begin(), 10u);
}

}  // namespace
}  // namespace caravan::server
