// SPDX-License-Identifier: Apache-2.0
// The acting part of gossip on simulated hosts: sockets, streams, keys and their file.
#include <gtest/gtest.h>

#include "gossip/gossip.hpp"
#include "sim/world.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr const char* key_1 = "MTExMTExMTExMTExMTExMQ==";
constexpr const char* key_2 = "MjIyMjIyMjIyMjIyMjIyMg==";
constexpr const char* key_file = "/serf.keyring";

/// A host's gossip. Streams are calls of the other one's answer().
struct Member {
  std::unique_ptr<gossip::Keys> keys;
  std::unique_ptr<gossip::Gossip> gossip;
};

struct Village {
  explicit Village(std::uint64_t seed) : world(seed) {}
  ~Village() {
    world.run(stop(members));
    members.clear();
  }
  static io::Task<void> stop(std::map<gossip::MemberId, Member>& members) {
    for (auto& [id, member] : members)
      co_await member.gossip->stop();
  }

  /// `others`: whom it asks to join. Its id is the last number of its address.
  void boot(const std::string& name, std::string key, std::vector<gossip::MemberId> others,
            std::string region = "global") {
    Host& host = world.add_host(name);
    const gossip::MemberId id = ++last;
    host.boot([this, id, key, others, region](Host& host, io::World& io) -> io::Task<void> {
      const io::Logger log(io.log, io.clock, "gossip");
      auto ring = co_await gossip::load_key_ring(io, key_file, key, log);
      Member& self = members[id];
      self.keys = std::make_unique<gossip::Keys>(io, key_file, *ring, log);
      const io::Address address{host.ip, 4648, false};
      const auto ask = [this](gossip::CardPtr to, std::string method,
                              std::string request) -> io::Task<base::Result<std::string>> {
        co_return ask_there(to->id, method, request);
      };
      self.gossip = std::make_unique<gossip::Gossip>(
          io, gossip::GossipConfig{{id, address, host.name}, region, {}}, *self.keys, ask,
          [](gossip::MemberId) {}, log);
      host.life().at_death([this, id](bool) { dead.insert(id); });
      EXPECT_TRUE((co_await self.gossip->open(host.outfit().datagrams, address)).has_value());
      for (const gossip::MemberId other : others)
        joined[id] = join(self, other);
      while (true)
        co_await io.clock.sleep(1h);
    });
    world.run_for(10ms);
  }

  base::Result<std::string> ask_there(gossip::MemberId id, const std::string& method,
                                      const std::string& request) {
    if (stand_in.contains(id)) id = stand_in[id];
    if (dead.contains(id)) return base::fail(base::Code::io, "nobody is there");
    return members[id].gossip->answer(method, request, admits);
  }

  base::Status join(Member& self, gossip::MemberId other) {
    const std::string request = self.gossip->exchange_request();
    TRY(const std::string answer, ask_there(other, "Gossip.Exchange", request));
    return self.gossip->take_exchange(request, answer);
  }

  gossip::Status status(gossip::MemberId of, gossip::MemberId about) {
    const gossip::Row* row = members[of].gossip->core().others().find(about);
    return row ? row->status : gossip::Status::left;
  }

  std::map<gossip::MemberId, Member> members;
  std::map<gossip::MemberId, base::Status> joined;
  std::set<gossip::MemberId> dead;
  gossip::Gossip::Admits admits = [](const gossip::Card&) { return base::Status(); };
  std::map<gossip::MemberId, gossip::MemberId> stand_in;  // who hears the streams of another one
  gossip::MemberId last = 0;
  World world;  // after what its agents know
};

TEST(Gossip, three_find_each_other_through_one_and_notice_a_dead_one) {
  Village village(1);
  village.boot("a", key_1, {});
  village.boot("b", key_1, {1});
  village.boot("c", key_1, {1});
  village.world.run_for(2s);
  EXPECT_EQ(village.status(2, 3), gossip::Status::alive);
  village.world.host("c").power_off();
  village.world.run_for(5s);
  EXPECT_EQ(village.status(1, 3), gossip::Status::failed);
  EXPECT_EQ(village.status(2, 3), gossip::Status::failed);
}

TEST(Gossip, one_with_another_key_stays_outside_and_hears_why) {
  Village village(2);
  village.boot("a", key_1, {});
  village.boot("b", key_2, {1});
  village.boot("c", "", {1});
  village.world.run_for(2s);
  EXPECT_NE(village.joined[2].error().message.find("server.encrypt differs"), std::string::npos);
  EXPECT_NE(village.joined[3].error().message.find("in the clear"), std::string::npos);
  EXPECT_EQ(village.members[1].gossip->core().others().size(), 0u);
}

TEST(Gossip, a_change_of_keys_counts_once_and_is_written_down) {
  Village village(3);
  village.boot("a", key_1, {});
  gossip::Keys& keys = *village.members[1].keys;
  village.world.run([](Village& village, gossip::Keys& keys) -> io::Task<void> {
    const std::string challenge = keys.draw_challenge();
    const gossip::KeyChange change{gossip::KeyChange::Kind::install, key_2};
    const std::string request = keys.seal_request(change, challenge);
    const auto answer = co_await keys.answer(request);
    EXPECT_EQ(keys.open_answer(*answer, challenge)->size(), 2u);
    EXPECT_EQ(keys.ring().list(), (std::vector<std::string>{key_1, key_2}));
    const auto again = co_await keys.answer(request);
    EXPECT_EQ(again.error().code, base::Code::denied) << "a request that was heard on its way";

    const std::string late = keys.draw_challenge();
    const std::string late_request = keys.seal_request(change, late);
    village.world.timeline.pass_to(village.world.now() + 1min);
    EXPECT_EQ((co_await keys.answer(late_request)).error().code, base::Code::denied);
    EXPECT_FALSE((co_await keys.answer("")).has_value());
  }(village, keys));
  const auto file = village.world.host("a").outfit().disk.read_file(key_file);
  EXPECT_EQ(gossip::KeyRing::parse(*file)->list(), keys.ring().list());
}

TEST(Gossip, who_has_the_address_of_a_dead_one_does_not_answer_for_it) {
  Village village(5);
  village.boot("a", key_1, {});
  village.boot("b", key_1, {1});
  village.boot("c", key_1, {1});
  village.stand_in[3] = 2;
  village.world.host("c").power_off();
  village.world.run_for(8s);
  EXPECT_EQ(village.status(1, 3), gossip::Status::failed);
}

TEST(Gossip, regions_are_one_crowd_and_one_that_was_cut_off_is_found_again) {
  Village village(6);
  village.boot("a", key_1, {}, "eu");
  village.boot("b", key_1, {1}, "eu");
  village.boot("c", key_1, {1}, "us");
  village.world.run_for(2s);
  EXPECT_EQ(village.status(2, 3), gossip::Status::alive);
  EXPECT_EQ(village.status(3, 2), gossip::Status::alive);
  village.dead.insert(3);  // streams do not reach it
  for (const char* other : {"a", "b"})
    village.world.fabric.cut_both(village.world.host(other).ip, village.world.host("c").ip);
  village.world.run_for(10s);
  EXPECT_EQ(village.status(1, 3), gossip::Status::failed);
  EXPECT_EQ(village.status(1, 2), gossip::Status::alive);
  village.dead.clear();
  village.world.fabric.heal();
  village.world.run_for(60s);
  EXPECT_EQ(village.status(1, 3), gossip::Status::alive);
  EXPECT_EQ(village.status(3, 1), gossip::Status::alive);
  EXPECT_EQ(village.status(3, 2), gossip::Status::alive);
}

TEST(Gossip, who_is_not_what_it_says_is_not_let_in) {
  Village village(7);
  village.admits = [](const gossip::Card& card) {
    return card.data == "b" ? base::Status(base::fail(base::Code::denied, "of another region"))
                            : base::Status();
  };
  village.boot("a", key_1, {});
  village.boot("b", key_1, {1});
  village.boot("c", key_1, {1});
  village.world.run_for(2s);
  EXPECT_EQ(village.joined[2].error().message, "of another region");
  EXPECT_TRUE(village.joined[3].has_value());
  EXPECT_EQ(village.members[1].gossip->core().others().size(), 1u);
}

TEST(Gossip, one_that_leaves_is_known_to_have_left) {
  Village village(4);
  village.boot("a", key_1, {});
  village.boot("b", key_1, {1});
  village.world.run_for(1s);
  village.members[2].gossip->leave();
  village.world.run_for(1s);
  EXPECT_EQ(village.status(1, 2), gossip::Status::left);
}

}  // namespace
}  // namespace caravan::sim
