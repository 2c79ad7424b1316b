// SPDX-License-Identifier: Apache-2.0
#include "registry/leaves.hpp"

#include <gtest/gtest.h>

#include "crypto/certificate.hpp"
#include "sim/world.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;

/// Servers that sign what they are asked to, as long as they can be reached.
class Servers : public rpc::Channel {
 public:
  explicit Servers(io::Clock& clock) : clock_(clock) {}
  io::Task<base::Result<std::string>> call(std::string method, std::string request,
                                           base::Duration) override {
    if (are_away) co_return base::fail(base::Code::unavailable, "nobody is there");
    if (method == "Connect.Root") co_return root;
    CO_TRY(const wire::ConnectSign asked, wire::decode<wire::ConnectSign>(request));
    EXPECT_TRUE(crypto::CertificateKey::from_public_pem(asked.public_pem));
    ++signed_count;
    wire::ConnectLeaf leaf;
    leaf.root_id = root;
    leaf.not_before = clock_.now();
    leaf.not_after = leaf.not_before + 72h;
    leaf.index = 7;
    co_return wire::encode(leaf);
  }
  io::Task<base::Result<std::unique_ptr<io::Stream>>> open(std::string method,
                                                           std::string) override {
    co_return base::fail(base::Code::unsupported, method);
  }
  io::Task<void> stop() override { co_return; }

  std::string root = "first";
  bool are_away = false;
  int signed_count = 0;

 private:
  io::Clock& clock_;
};

class LeavesTest : public testing::Test {
 protected:
  using Script = std::function<io::Task<void>(Leaves&, Servers&, io::World&)>;

  void run(const Script& script, base::Duration limit) {
    bool has_ended = false;
    host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
      Servers servers(io.clock);
      Leaves leaves(io, servers, io::Logger(io.log, io.clock, "connect"));
      leaves.start();
      co_await script(leaves, servers, io);
      co_await leaves.stop();
      has_ended = true;
    });
    EXPECT_TRUE(world.run_until([&] { return has_ended; }, limit));
    host.kill();
  }

  sim::World world{1};
  sim::Host& host = world.add_host("a");
};

TEST(Leaf, is_renewed_long_before_its_end_and_not_all_at_once) {
  wire::ConnectLeaf leaf;
  leaf.not_before = base::Instant::from_seconds(1'000'000);
  leaf.not_after = leaf.not_before + 100h;
  EXPECT_EQ(renewal_of(leaf, 0) - leaf.not_before, 60h);
  EXPECT_EQ(renewal_of(leaf, 0.5) - leaf.not_before, 70h);
  EXPECT_LE(renewal_of(leaf, 1), leaf.not_before + 80h);
}

TEST_F(LeavesTest, what_was_asked_for_once_is_kept_and_renewed_in_time) {
  const Script script = [](Leaves& leaves, Servers& servers, io::World& io) -> io::Task<void> {
    const base::Result<LeafRef> first = co_await leaves.get("web");
    const base::Result<LeafRef> again = co_await leaves.get("web");
    EXPECT_EQ(first->get(), again->get());
    EXPECT_EQ(servers.signed_count, 1);
    co_await io.clock.sleep(42h);
    EXPECT_EQ(servers.signed_count, 1);
    co_await leaves.wait_for_other("web", (*first)->modify_index, 30h);
    const base::Result<LeafRef> next = co_await leaves.get("web");
    EXPECT_EQ(servers.signed_count, 2);
    EXPECT_GT((*next)->modify_index, (*first)->modify_index);
    EXPECT_EQ((*next)->create_index, (*first)->create_index);
    EXPECT_NE((*next)->private_key, (*first)->private_key);
    EXPECT_LT(io.clock.now(), (*first)->signed_part.not_after - 10h);
  };
  run(script, 100h);
}

TEST_F(LeavesTest, another_root_renews_them_all_and_who_waits_is_told) {
  const Script script = [](Leaves& leaves, Servers& servers, io::World& io) -> io::Task<void> {
    const base::Result<LeafRef> web = co_await leaves.get("web");
    (void)co_await leaves.get("db");
    servers.root = "second";
    const base::Duration began = io.clock.uptime();
    co_await leaves.wait_for_other("web", (*web)->modify_index, 1h);
    EXPECT_LT(io.clock.uptime() - began, 30s);
    co_await io.clock.sleep(10s);
    for (const char* service : {"web", "db"}) {
      const base::Result<LeafRef> now = co_await leaves.get(service);
      EXPECT_EQ((*now)->signed_part.root_id, "second") << service;
    }
    EXPECT_EQ(servers.signed_count, 4);
  };
  run(script, 2h);
}

TEST_F(LeavesTest, while_the_servers_are_away_the_last_one_serves_until_it_ends) {
  const Script script = [](Leaves& leaves, Servers& servers, io::World& io) -> io::Task<void> {
    const base::Result<LeafRef> first = co_await leaves.get("web");
    servers.are_away = true;
    co_await io.clock.sleep(71h);
    const base::Result<LeafRef> late = co_await leaves.get("web");
    EXPECT_EQ(late->get(), first->get());
    co_await io.clock.sleep(2h);
    const base::Result<LeafRef> over = co_await leaves.get("web");
    EXPECT_FALSE(over);
    servers.are_away = false;
    co_await io.clock.sleep(10s);
    const base::Result<LeafRef> back = co_await leaves.get("web");
    EXPECT_TRUE(back);
  };
  run(script, 100h);
}

TEST_F(LeavesTest, what_nobody_asks_for_is_let_go) {
  const Script script = [](Leaves& leaves, Servers& servers, io::World& io) -> io::Task<void> {
    (void)co_await leaves.get("web");
    co_await io.clock.sleep(73h);
    const int before = servers.signed_count;
    co_await io.clock.sleep(200h);
    EXPECT_EQ(servers.signed_count, before);
  };
  run(script, 400h);
}

}  // namespace
}  // namespace caravan::registry
