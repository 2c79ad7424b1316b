// SPDX-License-Identifier: Apache-2.0
// Evaluation storms: very many nodes go at once. A real server, its log and all that it does while
// it leads; the nodes are simulated. Time is virtual: what is measured is what waits for what.
#include <ctime>

#include <gtest/gtest.h>

#include "sim/light_nodes.hpp"
#include "sim/sim_node.hpp"
#include "sim/state_checks.hpp"
#include "sim/world.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr int copies = 50;                      // of each job
constexpr int copy_cpu = 100, copies_max = 12;  // a node has room for so many
constexpr base::Duration look_every = 100ms;    // at the state
constexpr base::Duration read_every = 10ms, write_every = 200ms;

class Alone : public consensus::Peers {
 public:
  void send(consensus::ServerId, consensus::Traffic, std::string) override {}
};

server::ServerConfig server_config() {
  server::ServerConfig config;
  config.data_dir = "/var/lib/caravan/server";
  config.schedulers = 2;
  config.replica.id = 1;
  config.replica.voters = {1};
  config.keys.signing = crypto::SigningAlgorithm::eddsa;
  return config;
}

model::Job job_of(int number) {
  model::Job job;
  job.id = job.name = fmt::format("job-{}", number);
  model::TaskGroup& group = job.groups.emplace_back();
  group.name = "main";
  group.count = copies;
  group.ephemeral_disk.size_mb = 10;
  group.reschedule = model::ReschedulePolicy();
  model::Task& task = group.tasks.emplace_back();
  task.name = "work";
  task.driver = "raw_exec";
  task.config["command"] = std::string("/sim/forever");
  task.resources.cpu = copy_cpu;
  task.resources.memory_mb = 20;
  task.logs.max_files = 1;
  task.logs.max_file_size_mb = 1;
  return job;
}

std::int64_t cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

/// How long answers took, in virtual time, and what they cost.
template <class T>
T p99(std::vector<T> samples) {
  if (samples.empty()) return {};
  const std::size_t at = samples.size() * 99 / 100;
  std::ranges::nth_element(samples, samples.begin() + static_cast<std::ptrdiff_t>(at));
  return samples[at];
}

struct Count {
  int running = 0;                                      // on nodes that are there
  int pending = 0, blocked = 0, evals = 0, worked = 0;  // evaluations
};

Count count(const state::Tables& tables) {
  Count count;
  tables.allocs.each([&](const base::AllocId&, const state::Ref<model::Allocation>& alloc) {
    const bool is_there = !alloc->terminal() && tables.node(alloc->node_id)->is_ready();
    if (is_there && alloc->client_status == model::ClientStatus::running) ++count.running;
  });
  tables.evals.each([&](const base::EvalId&, const state::Ref<model::Evaluation>& eval) {
    ++count.evals;
    if (eval->status == model::EvalStatus::pending) ++count.pending;
    if (eval->status == model::EvalStatus::blocked) ++count.blocked;
    if (eval->status == model::EvalStatus::complete) ++count.worked;
  });
  return count;
}

class Storm : public testing::Test {
 protected:
  Storm() : world_(1), host_(world_.add_host("server")), users_(world_.executor()) {
    host_.boot([this](Host&, io::World& io) -> io::Task<void> {
      io_ = &io;
      server_ = std::make_unique<server::Server>(io, server_config(), peers_,
                                                 io::Logger(io.log, io.clock, "server"));
      const base::Status started = co_await server_->start();
      if (!started) throw std::logic_error(started.error().message);
      (void)co_await server_->failure();
    });
    until("a leader", 30s, [&] { return server_ && server_->is_leading(); });
  }

  ~Storm() override {
    world_.run(users_.stop());
    if (fleet_) world_.run(fleet_->stop());
    server_->watches().close();
    world_.run(server_->stop());
  }

  /// A cluster that stands, with as many copies as are wanted.
  void build(int nodes, int jobs) {
    fleet_ = std::make_unique<LightNodes>(*io_, *server_);
    for (int i = 0; i < nodes; ++i) {
      const std::string ip = fmt::format("10.1.{}.{}", i / 250, i % 250);
      model::Node node = make_node(fmt::format("node-{}", i), ip);
      node.resources.cpu.shares = copies_max * copy_cpu;
      fleet_->add(std::move(node));
    }
    until("every node", 60s, [&] { return fleet_->registered() == fleet_->size(); });
    for (int i = 0; i < jobs; ++i)
      world_.run(submit(i));
    until("every placement", 60s, [&] { return now().running == jobs * copies; });
  }

  io::Task<void> submit(int number) {
    server::JobRequest request;
    request.job = job_of(number);
    const auto reply = co_await server_->jobs().submit(std::move(request));
    if (!reply) ADD_FAILURE() << reply.error().message;
  }

  Count now() const { return count(*server_->store().snapshot()); }

  int lost() const {
    int lost = 0;
    server_->store().snapshot()->allocs.each([&](const base::AllocId&, const auto& alloc) {
      if (alloc->client_status == model::ClientStatus::lost) ++lost;
    });
    return lost;
  }

  void until(const char* what, base::Duration limit, const std::function<bool()>& done) {
    const base::Duration deadline = world_.now() + limit;
    while (!done()) {
      if (world_.now() >= deadline) FAIL() << what << " did not come in time";
      world_.run_for(look_every);
    }
  }

  /// A job's allocations, as one who sees all that was acknowledged before he asked.
  io::Task<void> read() {
    for (int number = 0;; number = (number + 1) % 10) {
      co_await io_->clock.sleep(read_every);
      const base::Duration before = world_.now();
      const base::Status current = co_await server_->proposals().barrier();
      if (!current) ADD_FAILURE() << current.error().message;
      const std::int64_t cpu_before = cpu_ns();
      const auto allocs =
          server_->store().snapshot()->allocs_of_job({"default", fmt::format("job-{}", number)});
      EXPECT_GE(allocs.size(), static_cast<std::size_t>(copies));
      read_costs_ns_.push_back(cpu_ns() - cpu_before);
      reads_.push_back(world_.now() - before);
    }
  }

  /// Somebody submits a job meanwhile, the same one again and again.
  io::Task<void> write() {
    while (true) {
      co_await io_->clock.sleep(write_every);
      const base::Duration before = world_.now();
      co_await submit(0);
      writes_.push_back(world_.now() - before);
    }
  }

  void report(const char* what, base::Duration took, const Count& end) const {
    fmt::print(
        "{}: {} after {}; {} evaluations, {} of them worked on; {} reads, p99 {} and {} us of "
        "processor; {} writes, p99 {}\n",
        what, end.running, base::format_duration(took), end.evals, end.worked, reads_.size(),
        base::format_duration(p99(reads_)), p99(read_costs_ns_) / 1000, writes_.size(),
        base::format_duration(p99(writes_)));
  }

  World world_;
  Host& host_;
  Alone peers_;
  io::World* io_ = nullptr;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<LightNodes> fleet_;
  io::TaskGroup users_;
  std::vector<base::Duration> reads_, writes_;
  std::vector<std::int64_t> read_costs_ns_;
};

TEST_F(Storm, HalfOfAThousandNodesGoAndEverythingRunsOnTheOthers) {
  constexpr int nodes = 1000, jobs = 100, wanted = jobs * copies;
  build(nodes, jobs);
  const Count before = now();
  users_.spawn(read());
  users_.spawn(write());
  const base::Duration begin = world_.now();
  fleet_->silence(0, nodes / 2);
  until("the loss", 30s, [&] { return now().running < wanted; });
  until("the end of it", 60s, [&] {
    const Count seen = now();
    return seen.running == wanted && seen.pending == 0;
  });
  const Count end = now();
  report("half lost", world_.now() - begin, end);
  EXPECT_EQ(end.blocked, 0);
  EXPECT_EQ(check_allocations(*server_->store().snapshot()), "");
  EXPECT_EQ(fleet_->complaint(), "");
  EXPECT_GT(reads_.size(), 500u);
  EXPECT_LT(p99(reads_), 50ms);
  EXPECT_LT(p99(writes_), 200ms);
  // At most one for each that was lost, most of them found done already; and those of the writer.
  const int created = end.evals - before.evals - static_cast<int>(writes_.size());
  EXPECT_LE(created, lost());
  EXPECT_LT(end.worked - before.worked, created / 2);
}

TEST_F(Storm, WhatHasNoRoomWaitsForNodesThatComeBack) {
  constexpr int nodes = 100, jobs = 20, wanted = jobs * copies, room = nodes / 2 * copies_max;
  build(nodes, jobs);
  fleet_->silence(0, nodes / 2);
  until("the loss", 30s, [&] { return now().running < wanted; });
  until("the end of it", 60s, [&] {
    const Count seen = now();
    return seen.running == room && seen.pending == 0;
  });
  world_.run_for(1s);  // what replaces another one that waits cancels it a moment later
  EXPECT_GT(now().blocked, 0);
  EXPECT_LE(now().blocked, jobs);
  const std::uint64_t index = server_->store().snapshot()->index;
  world_.run_for(20s);
  EXPECT_EQ(server_->store().snapshot()->index, index) << "a cluster that waits writes something";
  fleet_->wake(0, nodes / 2);
  until("the return", 60s, [&] {
    const Count seen = now();
    return seen.running == wanted && seen.pending == 0 && seen.blocked == 0;
  });
  EXPECT_EQ(check_allocations(*server_->store().snapshot()), "");
  EXPECT_EQ(fleet_->complaint(), "");
}

}  // namespace
}  // namespace caravan::sim
