// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cluster/autopilot.hpp"
#include "cluster/cluster.hpp"
#include "cluster/founding.hpp"
#include "cluster/identity.hpp"

namespace caravan::cluster {
namespace {

using namespace std::chrono_literals;
using Kind = consensus::Engine::ChangeKind;

Member member(consensus::ServerId id, int expect = 3, MemberStatus status = MemberStatus::alive) {
  Member m;
  m.info.id = id;
  m.info.expect = expect;
  m.status = status;
  return m;
}

base::Uuid some_cluster() {
  base::Uuid id;
  id.bytes[15] = 7;
  return id;
}

TEST(Identity, survives_its_text) {
  const Identity identity{12345, some_cluster(), some_cluster(), {3, 12345}};
  EXPECT_EQ(*parse_identity(to_text(identity)), identity);
  EXPECT_FALSE(parse_identity("{}"));
  EXPECT_FALSE(parse_identity(R"({"server": 0, "cluster": "", "voters": []})"));
  EXPECT_FALSE(parse_identity(R"({"server": 1, "cluster": "x", "voters": []})"));
}

TEST(Founding, waits_until_all_are_there_and_the_lowest_founds) {
  const wire::ServerInfo self = member(2).info;
  EXPECT_EQ(next_step(self, {}, {member(2), member(5)}).kind, FoundingStep::Kind::wait);
  const FoundingStep step = next_step(self, {}, {member(2), member(5), member(9)});
  EXPECT_EQ(step.kind, FoundingStep::Kind::found);
  EXPECT_EQ(step.voters, (std::vector<consensus::ServerId>{2, 5, 9}));
  EXPECT_EQ(next_step(member(5).info, {}, {member(2), member(5), member(9)}).kind,
            FoundingStep::Kind::wait);
}

TEST(Founding, more_than_expected_found_with_the_lowest) {
  const FoundingStep step =
      next_step(member(2).info, {}, {member(2), member(5), member(9), member(7)});
  EXPECT_EQ(step.voters, (std::vector<consensus::ServerId>{2, 5, 7}));
}

TEST(Founding, those_who_expect_otherwise_or_are_silent_do_not_count) {
  EXPECT_EQ(next_step(member(2).info, {}, {member(2), member(5, 5), member(9)}).kind,
            FoundingStep::Kind::wait);
  EXPECT_EQ(
      next_step(member(2).info, {}, {member(2), member(5, 3, MemberStatus::failed), member(9)})
          .kind,
      FoundingStep::Kind::wait);
}

TEST(Founding, a_cluster_that_is_there_is_joined) {
  Member other = member(5);
  other.info.cluster = some_cluster();
  const FoundingStep step = next_step(member(2).info, {}, {member(2), other, member(9)});
  EXPECT_EQ(step.kind, FoundingStep::Kind::join);
  EXPECT_EQ(step.cluster, some_cluster());
}

TEST(Founding, what_it_proposed_before_it_was_killed_is_its_own_to_found) {
  Member other = member(5), lower = member(1);
  other.info.cluster = some_cluster();
  const FoundingStep step = next_step(member(2).info, some_cluster(), {member(2), other, lower});
  EXPECT_EQ(step.kind, FoundingStep::Kind::found);
  EXPECT_EQ(step.voters, (std::vector<consensus::ServerId>{1, 2, 5}));
  EXPECT_EQ(next_step(member(2).info, some_cluster(), {member(2), other}).kind,
            FoundingStep::Kind::wait);
}

TEST(View, counts_regions_and_those_who_live_there) {
  View view;
  view.region = "eu";
  view.self = 1;
  view.members = {member(1), member(2), member(3), member(4), member(5)};
  const char* regions[] = {"eu", "eu", "us", "us", "asia"};
  for (std::size_t i = 0; i < 5; ++i)
    view.members[i].info.region = regions[i],
    view.members[i].rpc = {"10.0.0.1", std::uint16_t(i), false};
  view.members[3].status = MemberStatus::failed;
  view.members[4].status = MemberStatus::left;
  EXPECT_EQ(view.regions(), (std::vector<std::string>{"eu", "us"}));
  EXPECT_EQ(view.living_in("us"), (std::vector<io::Address>{{"10.0.0.1", 2, false}}));
  EXPECT_EQ(view.living_in("eu"), (std::vector<io::Address>{{"10.0.0.1", 1, false}}));
  EXPECT_TRUE(view.living_in("mars").empty());
}

TEST(Founding, one_that_expects_nobody_waits_for_a_cluster) {
  EXPECT_EQ(next_step(member(2, 0).info, {}, {member(2, 0), member(3, 0)}).kind,
            FoundingStep::Kind::wait);
  EXPECT_EQ(next_step(member(2, 1).info, {}, {member(2, 1)}).kind, FoundingStep::Kind::found);
}

class AutopilotTest : public testing::Test {
 protected:
  std::vector<consensus::Engine::Change> next(base::Duration now = 100s) {
    return next_change(conf, 1, members, progress, {}, 30s, now);
  }
  consensus::ConfState conf{.voters = {1, 2, 3},
                            .learners = {},
                            .voters_outgoing = {},
                            .learners_next = {},
                            .auto_leave = false};
  std::vector<Member> members{member(1), member(2), member(3)};
  std::map<consensus::ServerId, Progress> progress;
};

TEST_F(AutopilotTest, leaves_a_whole_cluster_alone) { EXPECT_TRUE(next().empty()); }

TEST_F(AutopilotTest, a_new_server_learns_and_votes_once_it_has_been_well) {
  members.push_back(member(4));
  ASSERT_EQ(next().size(), 1u);
  EXPECT_EQ(next()[0].kind, Kind::add_learner);
  conf.learners = {4};
  EXPECT_TRUE(next().empty());
  progress[4] = {10, 95s};
  EXPECT_TRUE(next().empty());
  progress[4] = {10, 80s};
  ASSERT_EQ(next().size(), 1u);
  EXPECT_EQ(next()[0].kind, Kind::add_voter);
}

TEST_F(AutopilotTest, takes_out_who_left_at_once_and_who_died_after_a_while) {
  members[2].status = MemberStatus::left;
  EXPECT_EQ(next()[0].kind, Kind::remove);
  members[2].status = MemberStatus::failed;
  members[2].heard = 80s;
  EXPECT_TRUE(next().empty());
  EXPECT_EQ(next(200s)[0].node, 3u);
}

TEST_F(AutopilotTest, never_takes_out_what_the_quorum_needs) {
  members[1].status = members[2].status = MemberStatus::failed;
  EXPECT_TRUE(next(1000s).empty());
  conf.voters = {1, 2};
  members.pop_back();
  EXPECT_TRUE(next(1000s).empty());
}

TEST_F(AutopilotTest, takes_out_a_dead_one_whom_nobody_remembers) {
  members.pop_back();
  EXPECT_TRUE(next().empty());
  const std::vector<Member> unknown = forgotten(conf, members, 60s);
  ASSERT_EQ(unknown.size(), 1u);
  members.push_back(unknown[0]);
  EXPECT_TRUE(next(80s).empty());
  ASSERT_EQ(next(100s).size(), 1u);
  EXPECT_EQ(next(100s)[0].node, 3u);
}

TEST_F(AutopilotTest, one_change_at_a_time) {
  members.push_back(member(4));
  conf.voters_outgoing = {1, 2, 3};
  EXPECT_TRUE(next().empty());
}

}  // namespace
}  // namespace caravan::cluster
