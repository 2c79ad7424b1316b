// SPDX-License-Identifier: Apache-2.0
// The core alone and in a crowd; gossip_soak tells longer stories with other seeds.
#include <gtest/gtest.h>

#include "gossip/crowd.hpp"
#include "gossip/key_ring.hpp"
#include "io/datagrams.hpp"

namespace caravan::gossip {
namespace {
using namespace std::chrono_literals;

constexpr std::uint64_t seed = 20'261'121;

Core make_core(MemberId id, std::uint64_t incarnation = 5) {
  Card card{id, {"10.0.0.1", static_cast<std::uint16_t>(id), false}, ""};
  return Core({{}, card, incarnation, id}, 0ns);
}

CardPtr card(MemberId id) {
  return std::make_shared<const Card>(
      Card{id, {"10.0.0.1", static_cast<std::uint16_t>(id), false}, ""});
}

Packet says(std::vector<Claim> claims) {
  Packet packet;
  packet.from = 2;
  packet.to = 1;
  packet.claims = std::move(claims);
  return packet;
}

Status status(const Core& core, MemberId id) { return core.others().find(id)->status; }

TEST(Claims, of_two_the_higher_incarnation_counts_and_then_the_worse_status) {
  Core core = make_core(1);
  const io::Address from{"10.0.0.1", 2, false};
  (void)core.receive(0ns, from, says({{3, Status::alive, 4, 0, card(3)}}));
  (void)core.receive(0ns, from, says({{3, Status::failed, 3, 2, nullptr}}));
  EXPECT_EQ(status(core, 3), Status::alive);
  (void)core.receive(0ns, from, says({{3, Status::failed, 4, 2, nullptr}}));
  EXPECT_EQ(status(core, 3), Status::failed);
  (void)core.receive(0ns, from, says({{3, Status::alive, 4, 0, card(3)}}));
  EXPECT_EQ(status(core, 3), Status::failed) << "a repetition of an old packet";
  (void)core.receive(0ns, from, says({{3, Status::alive, 5, 0, card(3)}}));
  EXPECT_EQ(status(core, 3), Status::alive);
  (void)core.receive(0ns, from, says({{3, Status::left, 5, 3, nullptr}}));
  (void)core.receive(0ns, from, says({{3, Status::suspect, 5, 2, nullptr}}));
  EXPECT_EQ(status(core, 3), Status::left);
}

TEST(Claims, of_strangers_that_nobody_has_presented_are_nothing) {
  Core core = make_core(1);
  (void)core.receive(0ns, {}, says({{9, Status::suspect, 4, 2, nullptr}}));
  (void)core.receive(0ns, {}, says({{9, Status::alive, 4, 2, nullptr}}));
  EXPECT_EQ(core.others().size(), 0u);
}

TEST(Claims, an_accused_member_answers_its_accuser_and_raises_its_incarnation) {
  Core core = make_core(1);
  (void)core.receive(0ns, {}, says({{2, Status::alive, 4, 0, card(2)}}));
  const Output out = core.receive(0ns, {}, says({{1, Status::suspect, 5, 2, nullptr}}));
  EXPECT_EQ(core.incarnation(), 6u);
  ASSERT_GE(out.packets.size(), 1u);
  EXPECT_EQ(out.packets[0].to, card(2)->address);
  EXPECT_EQ(out.packets[0].packet.claims[0].incarnation, 6u);
  EXPECT_EQ(core.health(), 1);
  (void)core.receive(0ns, {}, says({{1, Status::suspect, 5, 2, nullptr}}));
  EXPECT_EQ(core.incarnation(), 6u) << "the same packet again";
}

TEST(Claims, of_an_earlier_life_are_outbid) {
  Core core = make_core(1, 5);
  (void)core.receive(0ns, {}, says({{1, Status::left, 90, 1, nullptr}}));
  EXPECT_EQ(core.incarnation(), 91u);
}

TEST(Probing, an_answer_to_an_old_question_is_none) {
  Core core = make_core(1);
  (void)core.receive(0ns, {}, says({{2, Status::alive, 4, 0, card(2)}}));
  Packet ack = says({});
  ack.kind = Kind::ack;
  ack.nonce = 77;
  for (base::Duration now = 0ns; now < 20s; now += 50ms) {
    (void)core.tick(now);
    (void)core.receive(now, {}, ack);
  }
  EXPECT_EQ(status(core, 2), Status::failed);
}

TEST(Probing, time_in_which_we_did_not_run_is_nobodys_silence) {
  Core core = make_core(1);
  (void)core.receive(0ns, {}, says({{2, Status::alive, 4, 0, card(2)}}));
  (void)core.tick(300ms);
  for (base::Duration now = 1h; now < 10h; now += 1h)
    (void)core.tick(now);
  EXPECT_EQ(status(core, 2), Status::alive);
  EXPECT_GT(core.health(), 0);
}

TEST(Suspicion, lasts_the_shorter_the_more_share_it) {
  EXPECT_EQ(suspicion_timeout(2s, 8s, 0, 3), 8s);
  EXPECT_EQ(suspicion_timeout(2s, 8s, 1, 3), 5s);
  EXPECT_EQ(suspicion_timeout(2s, 8s, 3, 3), 2s);
  EXPECT_EQ(suspicion_timeout(2s, 8s, 9, 3), 2s);
  EXPECT_EQ(suspicion_timeout(2s, 8s, 0, 0), 2s);
}

TEST(Rumors, the_least_told_come_first_and_die_out) {
  Rumors rumors;
  std::vector<Claim> told;
  rumors.add({1, Status::failed, 1, 0, nullptr});
  rumors.fill(told, 2);
  rumors.add({2, Status::failed, 1, 0, nullptr});
  told.clear();
  rumors.fill(told, 2);
  EXPECT_EQ(told[0].about, 2u);
  EXPECT_EQ(rumors.size(), 1u);
  rumors.add({2, Status::alive, 2, 0, card(2)});
  EXPECT_EQ(rumors.size(), 1u) << "news of a member replaces older news of it";
}

TEST(Rumors, no_packet_gets_too_large) {
  Rumors rumors;
  for (MemberId id = 1; id <= 200; ++id) {
    Card large{id, {"10.0.0.1", 1, false}, std::string(300, 'x')};
    rumors.add({id, Status::alive, 1, 0, std::make_shared<const Card>(large)});
  }
  std::vector<Claim> told;
  rumors.fill(told, 9);
  std::size_t bytes = 0;
  for (const Claim& claim : told)
    bytes += encoded_size(claim);
  EXPECT_LE(bytes, claims_bytes_max);
  EXPECT_GE(told.size(), 3u);
}

TEST(Core, who_comes_back_is_told_everything) {
  Core core = make_core(1);
  const io::Address from{"10.0.0.1", 2, false};
  (void)core.receive(0ns, from, says({{3, Status::alive, 8, 0, card(3)}}));
  (void)core.receive(0ns, from, says({{3, Status::failed, 8, 2, nullptr}}));
  Packet back = says({{3, Status::alive, 9, 0, card(3)}});
  EXPECT_TRUE(core.receive(0ns, from, back).exchange.empty()) << "another one says so";
  (void)core.receive(0ns, from, says({{3, Status::failed, 9, 2, nullptr}}));
  back.from = 3;
  back.claims[0].incarnation = 10;
  const Output out = core.receive(0ns, from, back);
  ASSERT_EQ(out.exchange.size(), 1u);
  EXPECT_EQ(out.exchange[0]->id, 3u);
  EXPECT_TRUE(core.receive(0ns, from, back).exchange.empty()) << "it is not gone any more";
}

/// How long until 99 % of the others hold it for failed.
base::Duration time_to_notice(Crowd& crowd, std::size_t member, base::Duration limit) {
  const base::Duration begun = crowd.now();
  crowd.crash(member);
  const std::size_t wanted = (crowd.running() * 99 + 99) / 100;
  while (crowd.believing(member, Status::failed) < wanted && crowd.now() - begun < limit)
    crowd.run_for(20ms);
  return crowd.now() - begun;
}

TEST(Crowd, a_dead_member_is_known_to_99_percent_within_5_s) {
  for (const std::size_t members : {2u, 3u, 5u, 30u}) {
    Crowd crowd({.members = members, .seed = seed, .loss = 50, .through_codec = true});
    crowd.run_for(2s);
    EXPECT_LE(time_to_notice(crowd, members - 1, 20s), 5s) << members << " members";
    EXPECT_EQ(crowd.false_deaths, 0u);
    EXPECT_LE(crowd.largest + seal_bytes, io::datagram_bytes_max);
  }
}

/// Members pause for up to 2 s, and rest for 10 s after it: two pauses in a row are a longer one.
void pause_some(Crowd& crowd, std::uint64_t seed, int times) {
  Draw draw(seed);
  std::vector<base::Duration> rested(crowd.size());
  for (int i = 0; i < times; ++i) {
    crowd.run_for(200ms);
    const std::size_t one = draw.below(crowd.size());
    if (crowd.now() < rested[one]) continue;
    const base::Duration pause = base::Duration(1ms) * static_cast<int>(draw.below(2001));
    crowd.pause(one, pause);
    rested[one] = crowd.now() + pause + 10s;
  }
}

TEST(Crowd, loss_and_pauses_of_up_to_2_s_kill_nobody) {
  for (const std::size_t members : {3u, 10u, 40u}) {
    Crowd crowd({.members = members, .seed = seed, .loss = 50, .through_codec = true});
    pause_some(crowd, seed + members, members == 40 ? 300 : 1200);
    EXPECT_EQ(crowd.false_deaths, 0u) << members << " members";
    EXPECT_GT(crowd.suspicions, 0u) << "else nothing was tested";
  }
}

TEST(Crowd, a_member_that_comes_back_is_alive_to_all) {
  Crowd crowd({.members = 10, .seed = seed, .loss = 50});
  time_to_notice(crowd, 4, 20s);
  crowd.run_for(2s);
  crowd.restart(4);
  crowd.run_for(3s);
  EXPECT_EQ(crowd.believing(4, Status::alive), 9u);
}

TEST(Crowd, both_sides_of_a_cut_find_each_other_again) {
  Crowd crowd({.members = 6, .seed = seed});
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 3; b < 6; ++b)
      crowd.cut(a, b), crowd.cut(b, a);
  crowd.run_for(60s);
  EXPECT_EQ(crowd.believing(0, Status::failed), 3u);
  crowd.heal();
  crowd.run_for(15s);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(crowd.believing(i, Status::alive), 5u);
}

TEST(Crowd, a_cut_between_two_is_bridged_by_the_others_and_one_way_too) {
  Crowd crowd({.members = 5, .seed = seed});
  crowd.cut(0, 1), crowd.cut(1, 0), crowd.cut(2, 3);
  crowd.run_for(60s);
  EXPECT_EQ(crowd.suspicions, 0u);
}

TEST(Crowd, who_leaves_is_known_to_have_left) {
  Crowd crowd({.members = 10, .seed = seed, .loss = 50});
  crowd.run_for(1s);
  crowd.leave(3);
  crowd.run_for(1s);
  crowd.crash(3);
  crowd.run_for(10s);
  EXPECT_EQ(crowd.believing(3, Status::left), 9u);
}

TEST(Crowd, what_a_member_presents_reaches_all) {
  Crowd crowd({.members = 20, .seed = seed, .loss = 50});
  crowd.core(7).present("new");
  crowd.run_for(3s);
  for (std::size_t i = 0; i < crowd.size(); ++i)
    if (i != 7) {
      EXPECT_EQ(crowd.core(i).others().find(Crowd::id_of(7))->card->data, "new");
    }
}

TEST(Crowd, one_that_was_dismissed_although_it_lives_comes_back) {
  Crowd crowd({.members = 5, .seed = seed});
  (void)crowd.core(0).dismiss(crowd.now(), Crowd::id_of(2));
  crowd.run_for(5s);
  EXPECT_EQ(crowd.believing(2, Status::alive), 4u);
}

}  // namespace
}  // namespace caravan::gossip
