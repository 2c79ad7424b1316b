// SPDX-License-Identifier: Apache-2.0
#include "sim/cluster.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "client/client.hpp"
#include "driver/raw_exec.hpp"
#include "rpc/local.hpp"
#include "server/server.hpp"
#include "sim/sim_node.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr const char* data_dir = "/var/lib/caravan";
constexpr const char* supervisor_path = "/var/lib/caravan/client/caravan-supervisor";
constexpr base::Duration dump_every = 10s;
constexpr base::Duration settle_limit = 240s;
constexpr base::Duration clock_step_max = 2h;

Knobs knobs_of(std::uint64_t seed) {
  SimRandom random(seed);
  return Knobs::draw(random);
}

class Alone : public consensus::Peers {
 public:
  void send(consensus::ServerId, consensus::Traffic, std::string) override {}
};

server::ServerConfig server_config() {
  server::ServerConfig config;
  config.data_dir = std::string(data_dir) + "/server";
  config.replica.id = 1;
  config.replica.voters = {1};
  config.replica.snapshot_entries = 40;  // often, so that agents come back from snapshots too
  config.keys.signing = crypto::SigningAlgorithm::eddsa;
  return config;
}

client::ClientConfig client_config() {
  client::ClientConfig config;
  config.state_dir = std::string(data_dir) + "/client";
  config.alloc_dir = std::string(data_dir) + "/alloc";
  config.network.cni.path = {sim_plugins};
  config.network.cni.supervisor = supervisor_path;
  config.network.namespace_dir = sim_namespaces;
  config.network.records_dir = config.state_dir + "/networks";
  return config;
}

}  // namespace

/// All parts of one agent, in the order of their dependence.
struct Cluster::Agent {
  explicit Agent(io::World& io)
      : log(io.log, io.clock, "agent"),
        server(io, server_config(), peers, log.named("server")),
        to_server(
            rpc::make_local_channel(server.node_calls(), io.executor.lane(io::Lane::main), {})),
        supervisors(io, supervisor_path, std::string(data_dir) + "/client/run", log),
        client(io, client_config(), make_node("node-1", "10.0.0.1"), drivers(), *to_server,
               log.named("client")) {}

  std::map<std::string, std::unique_ptr<driver::Driver>> drivers() {
    std::map<std::string, std::unique_ptr<driver::Driver>> list;
    list["raw_exec"] = std::make_unique<driver::RawExec>(supervisors, true);
    return list;
  }

  Alone peers;
  io::Logger log;
  server::Server server;
  std::unique_ptr<rpc::Channel> to_server;
  driver::Supervisors supervisors;
  client::Client client;
  bool serves = false, complete = false;  // its server started; its client too
  std::string failure;
};

Cluster::Cluster(std::uint64_t seed)
    : world_(seed, knobs_of(seed)),
      host_(world_.add_host("agent-1")),
      telling_(world_.executor()),
      extras_(mix(seed, "extras")),
      steps_clocks_(extras_.chance(300)),
      pairs_(extras_.chance(400)) {
  const ProgramMain supervise = supervisor_program(ledger_);
  world_.programs[supervisor_path] = [this, supervise](Process& process) {
    const bool plumbs = process.program.argv.size() > 2;
    return plumbs ? network_program(process, plumbing_, ledger_) : supervise(process);
  };
  ledger_.is_network = [this](const std::string& path) {
    return plumbing_.has_network(path.substr(path.find("caravan-") + sizeof "caravan-" - 1));
  };
  plumbing_.failure_share = world_.random.chance(500) ? 0 : 50;
}

Cluster::~Cluster() {
  world_.after_each_event = nullptr;
  try {
    crash(true);
  } catch (const std::exception& e) {
    fmt::print(stderr, "while it ended: {}\n", e.what());
  }
}

void Cluster::fail(const std::string& what) {
  throw std::logic_error(fmt::format("{}\n{}\nreplay: ./dev sim --seed {}\n{}", what,
                                     world_.describe(), world_.seed, world_.log.tail(40)));
}

void Cluster::pass(base::Duration time) {
  world_.run_until([this] { return !broken_.empty(); }, time);
  if (!broken_.empty()) throw std::logic_error(broken_);
}

// ---- the agent

void Cluster::boot() {
  seen_ = {};
  host_.boot([this](Host& host, io::World& io) -> io::Task<void> { co_await run_agent(host, io); });
}

io::Task<void> Cluster::run_agent(Host&, io::World& io) {
  ++plumbing_.agents;
  plumbing_.show(io.disk);
  install_plugins(io.disk);
  const auto agent = std::make_shared<Agent>(io);
  agent_ = agent;
  const base::Status served = co_await agent->server.start();
  if (!served) {
    agent->failure = served.error().message;
    co_return;
  }
  agent->serves = true;
  const base::Status started = co_await agent->client.start();
  if (!started) {
    agent->failure = started.error().message;
    co_return;
  }
  agent->complete = true;
  const base::Error error = co_await agent->server.failure();
  if (agent_ == agent) agent->failure = error.message;
}

/// As agent::Agent::stop. Cancels all at the waits where they stand and writes nothing more.
io::Task<void> Cluster::stop_agent() {
  const std::shared_ptr<Agent> agent = agent_;
  agent->server.watches().close();
  co_await agent->client.stop();
  co_await agent->server.stop();
}

/// The end of the agent at any moment: every coroutine ends at the wait where it stands.
void Cluster::crash(bool power) {
  if (!host_.running()) return;
  const std::shared_ptr<Agent> agent = agent_;
  if (agent && agent->serves) {
    world_.run_until([&] { return agent->complete || !agent->failure.empty(); }, 10s);
    durable_index_ = std::max(durable_index_, agent->server.store().snapshot()->index);
    host_.processes.agent_is_dying = true;
    world_.run(stop_agent());
    const bool quiet = world_.run_until([&] { return telling_.running() == 0; }, 60s);
    if (!quiet) fail("a proposal did not end with its server");
  }
  agent_.reset();
  host_.processes.agent_is_dying = false;
  if (power) {
    host_.power_off();
    plumbing_.namespaces.clear();
    plumbing_.rules.clear();
    plumbing_.locked.clear();
    ++plumbing_.boots;
  } else {
    host_.kill();
  }
  pass(0s);
  ++(power ? outcome_.power_cuts : outcome_.crashes);
}

bool Cluster::leads() const { return agent_ && agent_->complete && agent_->server.is_leading(); }

// ---- the jobs

io::Task<void> Cluster::tell(std::shared_ptr<Agent> agent, std::string id) {
  const Wanted meant = wanted_.at(id);
  server::Jobs& jobs = agent->server.jobs();
  base::Result<server::JobReply> reply = server::JobReply();
  if (meant.stopped) {
    auto stopping = jobs.stop({"default", id}, {});
    reply = co_await std::move(stopping);
    if (!reply && reply.error().code == base::Code::not_found) reply = server::JobReply();
  } else {
    server::JobRequest request;
    request.job = make_job(id, meant);
    auto submitting = jobs.submit(std::move(request));
    reply = co_await std::move(submitting);
  }
  ++outcome_.submits;
  Wanted& now = wanted_.at(id);
  if (reply && now.same_as(meant)) now.told = true;
  if (!reply && reply.error().code == base::Code::invalid)
    ledger_.violation = "a job is refused: " + reply.error().message;
}

void Cluster::tell_all() {
  if (!leads() || telling_.running() > 0) return;
  for (const auto& [id, wanted] : wanted_)
    if (!wanted.told) telling_.spawn(tell(agent_, id));
}

// ---- the story

/// Every third job that is a service, before anybody was told of it.
void Cluster::pair_some() {
  if (!pairs_) return;
  for (auto& [id, wanted] : wanted_)
    if (!wanted.batch && wanted.generation == 0 && !wanted.told && id.back() % 3 == 0)
      wanted.paired = true;
}

void Cluster::story() {
  SimRandom& random = world_.random;
  const base::Duration until =
      world_.now() + random.between(base::Duration(10s), base::Duration(30s));
  while (world_.now() < until) {
    pass(random.between(base::Duration(1ms), base::Duration(1500ms)));
    if (!host_.running()) boot();
    if (random.chance(600)) change_something(wanted_, random);
    pair_some();
    tell_all();
    if (steps_clocks_ && extras_.chance(100))
      host_.step_clock(extras_.between(-clock_step_max, clock_step_max));
    if (random.chance(250)) {
      pass(random.between(base::Duration(0), base::Duration(60ms)));
      crash(random.chance(200));
      if (random.chance(300)) pass(random.between(base::Duration(0), base::Duration(3s)));
      boot();
    }
  }
}

std::string Cluster::missing() const {
  if (!leads()) return "nobody leads";
  const state::Snapshot tables = agent_->server.store().snapshot();
  std::size_t live = 0;
  for (const auto& [id, wanted] : wanted_) {
    if (std::string what = sim::missing(id, wanted, *tables); !what.empty()) return what;
    live += static_cast<std::size_t>(wanted.lasting() * wanted.tasks());
    const auto there = std::ranges::count(ledger_.live, id, &Ledger::Entry::job);
    if (there != wanted.lasting() * wanted.tasks())
      return fmt::format("{}: {} processes for {}", id, there, wanted.lasting());
  }
  if (ledger_.live.size() != live) return "processes of no job";
  const auto bridged =
      static_cast<std::size_t>(std::ranges::count_if(ledger_.live, [&](const Ledger::Entry& entry) {
        return wanted_.at(entry.job).bridged && entry.task == "work";
      }));
  if (plumbing_.namespaces.size() != bridged || plumbing_.rules.size() != bridged)
    return fmt::format("{} namespaces and rules of {} for {} allocations",
                       plumbing_.namespaces.size(), plumbing_.rules.size(), bridged);
  return "";
}

std::string Cluster::situation() const {
  return agent_ ? sim::situation(wanted_, *agent_->server.store().snapshot()) : "";
}

void Cluster::settle() {
  if (!host_.running()) boot();
  const base::Duration deadline = world_.now() + settle_limit;
  while (world_.now() < deadline && !missing().empty()) {
    tell_all();
    pass(250ms);
  }
  if (const std::string what = missing(); !what.empty())
    fail("it does not settle: " + what + "\n" + situation());
  pass(10s);
  if (const std::string what = missing(); !what.empty()) fail("it does not stay settled: " + what);
}

ClusterOutcome Cluster::run() {
  // Never thrown through the world, which may be unwinding somebody.
  world_.after_each_event = [this] {
    if (!broken_.empty()) return;
    try {
      check();
    } catch (const std::logic_error& e) {
      broken_ = e.what();
    }
  };
  boot();
  story();
  settle();
  const state::Snapshot tables = agent_->server.store().snapshot();
  must(check_dump(*tables));
  outcome_.trace = mix(world_.trace(), tables->hash());
  outcome_.commands = tables->index;
  outcome_.tasks = ledger_.started;
  outcome_.ended = world_.now();
  outcome_.knobs = world_.knobs.to_string();
  return outcome_;
}

// ---- what must hold

void Cluster::check() {
  if (!ledger_.violation.empty()) fail(ledger_.violation);
  if (!agent_ || !agent_->serves) return;
  if (!agent_->failure.empty() && host_.running()) fail("the agent gave up: " + agent_->failure);
  const state::Snapshot tables = agent_->server.store().snapshot();
  if (leads() && tables->index < durable_index_)
    fail(fmt::format("index {} was there before the crash, {} after", durable_index_,
                     tables->index));
  if (tables->index != seen_.index()) {
    must(seen_.take(*tables));
    must(check_allocations(*tables));
  }
  if (world_.now() < next_dump_) return;
  next_dump_ = world_.now() + dump_every;
  must(check_dump(*tables));
}

void Cluster::must(const std::string& complaint) {
  if (!complaint.empty()) fail(complaint);
}

ClusterOutcome run_seed(std::uint64_t seed) {
  Cluster cluster(seed);
  return cluster.run();
}

}  // namespace caravan::sim
