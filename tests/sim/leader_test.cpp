// SPDX-License-Identifier: Apache-2.0
// What a leader counts down by its own clock, on one server in virtual time: locks that nobody
// renews, nodes that it has not heard of yet. And what it believes: nodes that show their secret,
// boxes at the place where they were sealed.
#include <gtest/gtest.h>

#include "sim/light_nodes.hpp"
#include "sim/sim_node.hpp"
#include "sim/world.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;
using server::VariableReply;
using wire::LockStep;

constexpr base::Duration lock_ttl = 10s, lock_delay = 5s;
constexpr base::Duration look = 1s;  // so often a leader looks at its locks

class Alone : public consensus::Peers {
 public:
  void send(consensus::ServerId, consensus::Traffic, std::string) override {}
};

server::ServerConfig server_config() {
  server::ServerConfig config;
  config.data_dir = "/var/lib/caravan/server";
  config.replica.id = 1;
  config.replica.voters = {1};
  config.keys.signing = crypto::SigningAlgorithm::eddsa;
  return config;
}

class Leader : public testing::Test {
 protected:
  Leader() : world_(1), host_(world_.add_host("server")) { boot(); }
  ~Leader() override { end(); }

  void boot() {
    host_.boot([this](Host&, io::World& io) -> io::Task<void> {
      io_ = &io;
      server_ = std::make_unique<server::Server>(io, server_config(), peers_,
                                                 io::Logger(io.log, io.clock, "server"));
      const base::Status started = co_await server_->start();
      if (!started) throw std::logic_error(started.error().message);
      (void)co_await server_->failure();
    });
    const auto leads = [this] { return server_ && server_->is_leading(); };
    if (!world_.run_until(leads, 30s)) throw std::logic_error("the server does not lead");
    world_.run_for(1s);  // its first root key
  }

  void end() {
    server_->watches().close();
    world_.run(server_->stop());
    server_.reset();
    host_.kill();
  }

  VariableReply answer_of(io::Task<base::Result<VariableReply>> asked) {
    VariableReply reply;
    const auto wait = [](io::Task<base::Result<VariableReply>> asked,
                         VariableReply& reply) -> io::Task<void> {
      const base::Result<VariableReply> answer = co_await std::move(asked);
      if (answer)
        reply = *answer;
      else
        ADD_FAILURE() << answer.error().message;
    };
    world_.run(wait(std::move(asked), reply));
    return reply;
  }

  VariableReply write(const std::string& path, const std::string& value) {
    return answer_of(server_->variables().put({{"default", path}, {{{"k", value}}}, {}, {}, {}}));
  }
  VariableReply acquire() {
    return answer_of(server_->variables().put(
        {lead_, {}, {}, LockStep::acquire, model::VariableLock{{}, lock_ttl, lock_delay, {}}}));
  }
  VariableReply renew(const base::Uuid& lock) {
    return answer_of(server_->variables().renew(lead_, lock));
  }
  bool is_locked() const { return server_->store().snapshot()->variable(lead_)->lock.has_value(); }

  const model::VariableKey lead_{"default", "web/lead"};
  World world_;
  Host& host_;
  Alone peers_;
  io::World* io_ = nullptr;
  std::unique_ptr<server::Server> server_;
};

TEST_F(Leader, ends_a_lock_that_nobody_renews_and_keeps_one_that_is_renewed) {
  const base::Uuid lock = acquire().held;
  for (int i = 0; i < 10; ++i) {
    world_.run_for(lock_ttl * 8 / 10);
    EXPECT_FALSE(renew(lock).is_conflict);
    EXPECT_TRUE(acquire().is_conflict) << "somebody else holds it";
  }
  world_.run_for(lock_ttl - look);
  EXPECT_TRUE(is_locked());
  world_.run_for(2 * look);
  EXPECT_FALSE(is_locked());
  EXPECT_TRUE(renew(lock).is_conflict) << "it comes too late";
  EXPECT_TRUE(acquire().is_conflict) << "its holder may not know yet";
  world_.run_for(lock_delay);
  EXPECT_FALSE(acquire().is_conflict);
}

TEST_F(Leader, gives_who_holds_a_lock_its_time_after_it_took_over) {
  const base::Uuid lock = acquire().held;
  world_.run_for(lock_ttl - look);
  end();
  boot();
  world_.run_for(lock_ttl - 3 * look);
  ASSERT_TRUE(is_locked()) << "nobody could have renewed it here";
  EXPECT_FALSE(renew(lock).is_conflict);
  world_.run_for(lock_ttl + 2 * look);
  EXPECT_FALSE(is_locked());
}

TEST_F(Leader, gives_nodes_their_time_after_it_took_over) {
  base::NodeId id;
  {
    LightNodes nodes(*io_, *server_);
    nodes.add(make_node("node-1", "10.0.0.2"));
    ASSERT_TRUE(world_.run_until([&] { return nodes.registered() == 1; }, 10s));
    id = nodes.id(0);
    world_.run(nodes.stop());
  }
  const auto status = [&] { return server_->store().snapshot()->node(id)->status; };
  const server::HeartbeatConfig times;
  world_.run_for(times.ttl + times.grace - 1s);
  EXPECT_EQ(status(), model::NodeStatus::ready);
  end();
  boot();
  world_.run_for(times.ttl + times.grace - 2s);
  EXPECT_EQ(status(), model::NodeStatus::ready) << "it had no time to say that it is there";
  world_.run_for(3s);
  EXPECT_EQ(status(), model::NodeStatus::down);
}

TEST_F(Leader, believes_a_node_that_shows_its_secret_alone) {
  LightNodes nodes(*io_, *server_);
  nodes.add(make_node("node-1", "10.0.0.2"));
  ASSERT_TRUE(world_.run_until([&] { return nodes.registered() == 1; }, 10s));
  world_.run(nodes.stop());
  model::Node node = *server_->store().snapshot()->node(nodes.id(0));
  const auto code_of = [&](std::string method, std::string request) {
    base::Result<std::string> answer;
    const auto ask = [](server::Nodes& nodes, std::string method, std::string request,
                        base::Result<std::string>& answer) -> io::Task<void> {
      answer = co_await nodes.call({}, std::move(method), std::move(request));
    };
    world_.run(ask(server_->nodes(), std::move(method), std::move(request), answer));
    return answer ? std::nullopt : std::optional(answer.error().code);
  };
  const auto all = [&](std::optional<base::Code> expected) {
    wire::NodeHeartbeatRequest beat;
    wire::NodeReportRequest report;
    wire::NodeAllocsRequest allocs;
    wire::NodeServicesRequest services;
    wire::NodeRegisterRequest anew;
    anew.node = node;
    beat.node_id = report.node_id = allocs.node_id = services.set.node_id = node.id;
    beat.secret_id = report.secret_id = allocs.secret_id = services.secret_id = node.secret_id;
    EXPECT_EQ(code_of("Node.Heartbeat", wire::encode(beat)), expected);
    EXPECT_EQ(code_of("Node.UpdateAllocs", wire::encode(report)), expected);
    EXPECT_EQ(code_of("Node.Allocs", wire::encode(allocs)), expected);
    EXPECT_EQ(code_of("Node.SetServices", wire::encode(services)), expected);
    EXPECT_EQ(code_of("Node.Register", wire::encode(anew)), expected) << "else it takes its place";
  };
  all({});
  node.secret_id.bytes[15] ^= 1;
  all(base::Code::denied);
}

TEST_F(Leader, opens_what_it_sealed_at_its_own_place_alone) {
  write("web/lead", "mine");
  write("web/other", "yours");
  const state::Snapshot tables = server_->store().snapshot();
  const server::Variables& variables = server_->variables();
  const model::Variable mine = *tables->variable(lead_);
  ASSERT_EQ(variables.open(*tables, mine).value().at("k"), "mine");
  model::Variable moved = mine;
  moved.path = "web/other";
  EXPECT_FALSE(variables.open(*tables, moved));
  moved = mine;
  moved.ns = "other";
  EXPECT_FALSE(variables.open(*tables, moved));
  moved = mine;
  moved.sealed.back() ^= 1;
  EXPECT_FALSE(variables.open(*tables, moved));
}

}  // namespace
}  // namespace caravan::sim
