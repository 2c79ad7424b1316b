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

bool up_to_date(const model::Allocation& alloc, int generation) {
  const auto& env = alloc.task_group().tasks.at(0).env;
  const auto found = env.find("GENERATION");
  return found != env.end() && found->second == fmt::format("{}", generation);
}

}  // namespace

/// All parts of one agent, in the order of their dependence.
struct Cluster::Agent {
  explicit Agent(io::World& io)
      : log(io.log, io.clock, "agent"),
        server(io, server_config(), peers, log.named("server")),
        to_server(rpc::make_local_channel(server.nodes(), io.executor.lane(io::Lane::main), {})),
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
    : world_(seed, knobs_of(seed)), host_(world_.add_host("agent-1")), telling_(world_.executor()) {
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

model::Job Cluster::make_job(const std::string& id, const Wanted& wanted) const {
  model::Job job;
  job.id = job.name = id;
  job.type = wanted.batch ? model::JobType::batch : model::JobType::service;
  model::TaskGroup group;
  group.name = "main";
  group.count = wanted.count;
  group.ephemeral_disk.size_mb = 200;
  group.restart = {1000, 3600s, 1s, model::RestartPolicy::Mode::delay, false, {}};
  if (wanted.batch) group.restart = {1, 3600s, 1s, model::RestartPolicy::Mode::fail, false, {}};
  group.reschedule = model::ReschedulePolicy();
  group.reschedule->delay = 5s;
  if (wanted.batch) {
    group.reschedule->attempts = 1;
    group.reschedule->unlimited = false;
    group.reschedule->interval = 86400s;
    group.reschedule->delay_function = model::ReschedulePolicy::DelayFunction::constant;
  }
  if (wanted.rollout) {
    group.update = model::UpdateStrategy();
    group.update->max_parallel = 2;
    group.update->health_check = model::HealthCheck::task_states;
    group.update->min_healthy_time = 1s;
  }
  model::NetworkResource network;
  if (wanted.dynamic_port) network.dynamic_ports.push_back({"http", 0, 0, "default", false, {}});
  if (wanted.static_port > 0)
    network.reserved_ports.push_back({"fixed", wanted.static_port, 0, "default", false, {}});
  if (wanted.bridged) network.mode = "bridge";
  if (wanted.dynamic_port || wanted.static_port > 0 || wanted.bridged)
    group.networks.push_back(std::move(network));
  model::Task task;
  task.name = "work";
  task.driver = "raw_exec";
  task.resources.cpu = wanted.cpu;
  task.resources.memory_mb = 100;
  task.kill_timeout = 2s;
  task.restart = group.restart;
  task.env["GENERATION"] = fmt::format("{}", wanted.generation);
  const char* lasting = wanted.stubborn ? "/sim/stubborn" : "/sim/forever";
  task.config["command"] = std::string(wanted.batch ? "/sim/run" : lasting);
  if (wanted.batch) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wanted.length).count();
    task.config["args"] = json::Array{fmt::format("{}ms", ms), fmt::format("{}", wanted.exit_code)};
  }
  group.tasks.push_back(std::move(task));
  job.groups.push_back(std::move(group));
  return job;
}

void Cluster::change_something() {
  SimRandom& random = world_.random;
  const std::size_t at = random.below(7);
  if (wanted_.size() < 3 || (wanted_.size() < 6 && random.chance(400))) {
    Wanted fresh;
    fresh.batch = random.chance(350);
    fresh.count = static_cast<int>(random.between(1, fresh.batch ? 2 : 4));
    fresh.cpu = static_cast<int>(random.between(50, 150));
    fresh.length = random.between(base::Duration(100ms), base::Duration(8s));
    fresh.exit_code = fresh.batch && random.chance(300) ? 3 : 0;
    fresh.dynamic_port = !fresh.batch && random.chance(500);
    fresh.stubborn = random.chance(200);
    fresh.rollout = !fresh.batch && random.chance(400);
    fresh.bridged = random.chance(400);
    if (!fresh.batch && random.chance(200)) {
      fresh.static_port = 8000 + static_cast<int>(wanted_.size());
      fresh.count = 1;
    }
    wanted_[fmt::format("job-{}", wanted_.size() + 1)] = fresh;
    return;
  }
  auto chosen = wanted_.begin();
  std::advance(chosen, at % wanted_.size());
  Wanted& job = chosen->second;
  if (job.batch) {
    if (!random.chance(300)) return;
    job.stopped = true;
  } else {
    switch (random.below(4)) {
      case 0:
        job.stopped = !job.stopped;
        break;
      case 1:
        ++job.generation, job.stopped = false;
        break;
      default:
        if (job.static_port == 0) job.count = static_cast<int>(random.between(0, 4));
    }
  }
  job.told = false;
}

io::Task<void> Cluster::tell(std::shared_ptr<Agent> agent, std::string id) {
  const Wanted meant = wanted_.at(id);
  server::Jobs& jobs = agent->server.jobs();
  base::Result<server::JobReply> reply = server::JobReply();
  if (meant.stopped) {
    auto stopping = jobs.stop({"default", id}, false, 0);
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
  if (reply && now.generation == meant.generation && now.count == meant.count &&
      now.stopped == meant.stopped)
    now.told = true;
  if (!reply && reply.error().code == base::Code::invalid)
    ledger_.violation = "a job is refused: " + reply.error().message;
}

void Cluster::tell_all() {
  if (!leads() || telling_.running() > 0) return;
  for (const auto& [id, wanted] : wanted_)
    if (!wanted.told) telling_.spawn(tell(agent_, id));
}

// ---- the story

void Cluster::story() {
  SimRandom& random = world_.random;
  const base::Duration until =
      world_.now() + random.between(base::Duration(10s), base::Duration(30s));
  while (world_.now() < until) {
    pass(random.between(base::Duration(1ms), base::Duration(1500ms)));
    if (!host_.running()) boot();
    if (random.chance(600)) change_something();
    tell_all();
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
    if (!wanted.told) return id + " is not told";
    const state::Ref<model::Job> job = tables->job({"default", id});
    if (!job && wanted.stopped) continue;  // it was stopped before it was ever told
    if (!job) return id + " is unknown";
    if (job->stop != wanted.stopped) return id + " is not stopped as wanted";
    int running = 0, others = 0;
    for (const auto& alloc : tables->allocs_of_job({"default", id})) {
      const bool runs = !alloc->terminal() && up_to_date(*alloc, wanted.generation) &&
                        alloc->client_status == model::ClientStatus::running;
      if (runs)
        ++running;
      else if (!alloc->client_terminal())
        ++others;
    }
    const int count = wanted.batch || wanted.stopped ? 0 : wanted.count;
    if (running != count || others > 0)
      return fmt::format("{}: {} of {} run, {} are on their way", id, running, count, others);
    if ((wanted.batch || wanted.stopped) && job->status != model::JobStatus::dead)
      return fmt::format("{} is {}", id, model::name_of(job->status));
    live += static_cast<std::size_t>(count);
    const auto there = std::ranges::count(ledger_.live, id, &Ledger::Entry::job);
    if (there != count) return fmt::format("{}: {} processes for {}", id, there, count);
  }
  if (ledger_.live.size() != live) return "processes of no job";
  const auto bridged = static_cast<std::size_t>(std::ranges::count_if(
      ledger_.live, [&](const Ledger::Entry& entry) { return wanted_.at(entry.job).bridged; }));
  if (plumbing_.namespaces.size() != bridged || plumbing_.rules.size() != bridged)
    return fmt::format("{} namespaces and rules of {} for {} allocations",
                       plumbing_.namespaces.size(), plumbing_.rules.size(), bridged);
  return "";
}

/// What the servers think, for a failure's message.
std::string Cluster::situation() const {
  if (!agent_) return "";
  std::string text;
  const state::Snapshot tables = agent_->server.store().snapshot();
  for (const auto& [id, wanted] : wanted_) {
    for (const auto& alloc : tables->allocs_of_job({"default", id}))
      if (!alloc->terminal())
        text += fmt::format("{} v{} {}, {} ports\n", alloc->name(), alloc->job->version,
                            model::name_of(alloc->client_status), alloc->ports.size());
    for (const auto& eval : tables->evals_of_job({"default", id}))
      for (const auto& [group, metric] : eval->failed_groups) {
        for (const auto& [reason, count] : metric.constraint_filtered)
          text += fmt::format("{} {}: {} filtered {}\n", id, group, reason, count);
        for (const auto& [reason, count] : metric.dimension_exhausted)
          text += fmt::format("{} {}: {} exhausted {}\n", id, group, reason, count);
      }
    for (const auto& eval : tables->evals_of_job({"default", id}))
      if (!eval->is_terminal())
        text +=
            fmt::format("{} eval {} {}\n", id, eval->triggered_by, model::name_of(eval->status));
    if (const auto deployment = tables->latest_deployment({"default", id}))
      text += fmt::format("{} deployment v{} {} {}\n", id, deployment->job_version,
                          model::name_of(deployment->status), deployment->status_description);
  }
  return text;
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
  check_dump();
  const state::Snapshot tables = agent_->server.store().snapshot();
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
  if (tables->index != seen_.index) check_tables(*tables);
  if (world_.now() < next_dump_) return;
  next_dump_ = world_.now() + dump_every;
  check_dump();
}

void Cluster::check_tables(const state::Tables& tables) {
  if (tables.index < seen_.index) fail("the index went back");
  for (std::size_t i = 0; i < state::table_count; ++i) {
    if (tables.table_index[i] < seen_.tables[i]) fail("a table's index went back");
    if (tables.table_index[i] > tables.index) fail("a table's index is ahead");
  }
  seen_ = {tables.index, tables.table_index};
  std::map<base::NodeId, model::Footprint> used;
  std::set<std::pair<base::NodeId, int>> ports;
  std::set<std::string> names;
  tables.allocs.each([&](const base::AllocId&, const state::Ref<model::Allocation>& alloc) {
    if (alloc->terminal()) return;
    used[alloc->node_id] += model::footprint(alloc->task_group());
    for (const model::PortMapping& port : alloc->ports)
      if (!ports.insert({alloc->node_id, port.value}).second)
        fail(fmt::format("port {} is given out twice", port.value));
    if (!names.insert(alloc->job->id + "/" + alloc->name()).second)
      fail(fmt::format("{} is there twice", alloc->name()));
  });
  for (const auto& [id, sum] : used) {
    const state::Ref<model::Node> node = tables.node(id);
    if (!node) fail("an allocation is on no node");
    const model::Footprint room = model::capacity(*node);
    if (sum.cpu > room.cpu || sum.memory_mb > room.memory_mb || sum.disk_mb > room.disk_mb)
      fail(fmt::format("the node is over-committed: {} of {} MHz", sum.cpu, room.cpu));
  }
}

void Cluster::check_dump() {
  const state::Snapshot tables = agent_->server.store().snapshot();
  const auto loaded = state::load(state::dump(*tables));
  if (!loaded) fail("a dump cannot be read: " + loaded.error().message);
  if ((*loaded)->hash() != tables->hash()) fail("a dump reads back to another hash");
}

ClusterOutcome run_seed(std::uint64_t seed) {
  Cluster cluster(seed);
  return cluster.run();
}

}  // namespace caravan::sim
