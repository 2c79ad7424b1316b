// SPDX-License-Identifier: Apache-2.0
#include "sim/machines.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration settle_limit = 400s;
constexpr base::Duration quiet_wanted = 10s;
constexpr int cpu_max = 150;  // of one copy of a job

Knobs knobs_of(std::uint64_t seed) {
  SimRandom random(seed);
  return Knobs::draw(random);
}

Shape shape_of(std::uint64_t seed) {
  SimRandom random(mix(seed, "shape"));
  return Shape::draw(random);
}

}  // namespace

Shape Shape::draw(SimRandom& random) {
  Shape shape;
  const std::size_t of = random.below(10);
  shape.servers = of == 0 ? 1 : of == 1 ? 5 : 3;
  shape.clients = static_cast<int>(random.between(2, 4));
  if (random.chance(400)) {
    shape.node_cpu = static_cast<int>(random.between(400, 800));
    shape.preempts = random.chance(500);
  }
  shape.loses_disks = shape.servers > 1 && random.chance(400);
  // New draws come last, so that seeds which have found something go on telling the same story.
  shape.slow_disks = random.chance(300);
  shape.disconnects = random.chance(300);
  shape.clocks = random.chance(300);
  shape.depends = random.chance(400);
  if (random.chance(400)) shape.quota_cpu = static_cast<int>(random.between(300, 900));
  shape.upgrades = random.chance(300);
  return shape;
}

std::string Shape::to_string() const {
  return fmt::format("{} servers, {} clients of {} MHz{}{}{}{}{}{}{}{}", servers, clients, node_cpu,
                     preempts ? ", preemption" : "", loses_disks ? ", lost disks" : "",
                     slow_disks ? ", slow disks" : "", disconnects ? ", disconnects" : "",
                     clocks ? ", clocks" : "", depends ? ", dependencies" : "",
                     upgrades ? ", upgrades" : "",
                     quota_cpu > 0 ? fmt::format(", a quota of {} MHz", quota_cpu) : "");
}

Machines::Machines(std::uint64_t seed) : shape_(shape_of(seed)), world_(seed, knobs_of(seed)) {
  std::vector<io::Address> all;
  for (int i = 1; i <= shape_.servers; ++i)
    all.push_back({fmt::format("10.0.0.{}", i), 4647, false});
  for (int i = 0; i < shape_.servers; ++i) {
    ServerSettings settings{all, shape_.servers};
    settings.others.erase(settings.others.begin() + i);
    if (shape_.upgrades) settings.log_version = wire::first_log_version;
    servers_.emplace_back(world_, fmt::format("server-{}", i + 1), std::move(settings));
  }
  for (int i = 1; i <= shape_.clients; ++i)
    clients_.emplace_back(world_, fmt::format("client-{}", i), all, shape_.node_cpu);
  for (ClientMachine& client : clients_)
    client.plumbing.failure_share = world_.random.chance(700) ? 0 : 50;
}

Machines::~Machines() {
  world_.after_each_event = nullptr;
  try {
    for (ClientMachine& client : clients_)
      client.crash(true);
    for (ServerMachine& server : servers_)
      server.crash(true);
  } catch (const std::exception& e) {
    fmt::print(stderr, "while it ended: {}\n", e.what());
  }
}

void Machines::fail(const std::string& what) {
  throw std::logic_error(fmt::format("{}\n{}; {}\nreplay: ./dev sim --machines --seed {}\n{}{}",
                                     what, world_.describe(), shape_.to_string(), world_.seed,
                                     situation(), world_.log.tail(60)));
}

void Machines::pass(base::Duration time) {
  world_.run_until([this] { return !broken_.empty(); }, time);
  if (!broken_.empty()) fail(broken_);
}

// ---- what users ask for

/// What the shape makes of jobs that nobody was told of yet. Pairs of jobs have a namespace each.
void Machines::dress() {
  for (auto& [id, wanted] : wanted_) {
    if (wanted.told || wanted.generation > 0 || acknowledged_.contains(id)) continue;
    const int number = id.back() - '0';
    if (shape_.quota_cpu > 0 && number > 2) wanted.ns = number > 4 ? "team-b" : "team-a";
    if (!shape_.depends) continue;
    const auto before = wanted_.find(fmt::format("job-{}", number - 1));
    if (number % 2 == 0 && before != wanted_.end() && !before->second.batch)
      wanted.depends_on = before->first;
    wanted.paired = number % 3 == 0 && !wanted.batch;
  }
}

model::Job Machines::job_of(const std::string& id) const {
  model::Job job = make_job(id, wanted_.at(id));
  if (shape_.preempts) job.priority = 10 + 12 * (id.back() - '0');
  // Every third one waits for nodes that fall silent.
  if (shape_.disconnects && id.back() % 3 == 0) {
    job.groups[0].disconnect = model::Disconnect();
    job.groups[0].disconnect->lost_after = 15s;
  }
  return job;
}

void Machines::tell(ServerMachine& server, const std::string& id) {
  telling_.insert(id);
  server.ask([this, id](server::Server& asked) -> io::Task<void> {
    const Wanted meant = wanted_.at(id);
    base::Result<server::JobReply> reply = server::JobReply();
    // As the API does before every write: what the state lacks may only be missing here.
    const base::Status is_new = co_await asked.proposals().barrier();
    if (!is_new) {
      reply = std::unexpected(is_new.error());
    } else if (meant.stopped) {
      auto stopping = asked.jobs().stop({meant.ns, id}, {});
      reply = co_await std::move(stopping);
      if (!reply && reply.error().code == base::Code::not_found) reply = server::JobReply();
    } else {
      server::JobRequest request;
      request.job = job_of(id);
      auto submitting = asked.jobs().submit(std::move(request));
      reply = co_await std::move(submitting);
    }
    ++outcome_.submits;
    telling_.erase(id);
    if (reply) {
      if (reply->index > 0)
        acknowledged_[id] = {meant.stopped ? reply->index : reply->job_modify_index, meant.stopped};
      newest_acknowledged_ = std::max(newest_acknowledged_, reply->index);
      if (wanted_.at(id).same_as(meant)) wanted_.at(id).told = true;
    } else if (reply.error().code == base::Code::invalid && broken_.empty()) {
      broken_ = "a job is refused: " + reply.error().message;
    }
  });
}

void Machines::tell_settings() {
  ServerMachine* first = leader();
  if (settings_told_ || !first) return;
  if (!shape_.preempts && shape_.quota_cpu == 0) {
    settings_told_ = true;
    return;
  }
  first->ask([this](server::Server& asked) -> io::Task<void> {
    if (shape_.preempts) {
      model::SchedulerConfig config;
      config.preemption = {true, true, true, true, {}};
      auto setting = asked.operators().set_scheduler(config, std::nullopt);
      const auto set = co_await std::move(setting);
      if (!set) co_return;
    }
    if (shape_.quota_cpu > 0) {
      model::Quota quota;
      quota.name = "teams";
      quota.limits.emplace_back().amounts.cpu = shape_.quota_cpu;
      auto limiting = asked.operators().put_quota(quota);
      const auto limited = co_await std::move(limiting);
      if (!limited) co_return;
    }
    for (const char* name : {"team-a", "team-b"}) {
      model::Namespace space;
      space.name = name;
      space.quota = shape_.quota_cpu > 0 ? "teams" : "";
      auto making = asked.operators().put_namespace(space);
      const auto made = co_await std::move(making);
      if (!made) co_return;
    }
    settings_told_ = true;
  });
}

/// To whoever believes that it leads: it may be wrong.
void Machines::tell_all() {
  std::vector<ServerMachine*> leading;
  for (ServerMachine& server : servers_)
    if (server.leads()) leading.push_back(&server);
  if (leading.empty()) return;
  tell_settings();
  for (const auto& [id, wanted] : wanted_)
    if (!wanted.told && !telling_.contains(id) && (settings_told_ || wanted.ns == "default"))
      tell(*leading[world_.random.below(leading.size())], id);
}

// ---- the story

void Machines::story() {
  SimRandom& random = world_.random;
  const base::Duration until =
      world_.now() + random.between(base::Duration(15s), base::Duration(60s));
  // Some begin with faults, some with a cluster that stands.
  if (random.chance(700)) world_.run_until([this] { return leader() != nullptr; }, 20s);
  while (world_.now() < until) {
    pass(random.between(base::Duration(1ms), base::Duration(2500ms)));
    if (random.chance(600)) change_something(wanted_, random);
    dress();
    tell_all();
    if (random.chance(400)) damage();
    if (shape_.clocks && random.chance(150)) set_clock(any_machine());
    boot_some(400);
    if (random.chance(200)) mend();
  }
}

/// Asks for less, until there is room for it whatever lies where.
void Machines::shrink_to_fit() {
  const auto fit = [&](int room, const std::function<bool(const Wanted&)>& counts) {
    const auto demand = [&](const auto& entry) {
      const Wanted& wanted = entry.second;
      return counts(wanted) ? wanted.lasting() * wanted.cpu : 0;
    };
    const auto sum = [&] {
      int all = 0;
      for (const auto& entry : wanted_)
        all += demand(entry);
      return all;
    };
    while (sum() > room) {
      const auto largest = std::ranges::max_element(wanted_, {}, demand);
      --largest->second.count;
      largest->second.told = false;
    }
  };
  fit(shape_.clients * (shape_.node_cpu - cpu_max), [](const Wanted&) { return true; });
  // A batch job has room for a copy at a time.
  if (shape_.quota_cpu > 0)
    fit(shape_.quota_cpu - cpu_max, [](const Wanted& wanted) { return wanted.ns != "default"; });
}

void Machines::settle() {
  mend();
  boot_some(1000);
  for (ClientMachine& client : clients_)
    client.plumbing.failure_share = 0;
  world_.fabric.knobs.stall = world_.fabric.knobs.reset = 0;
  want_what_others_need(wanted_);
  shrink_to_fit();
  const base::Duration deadline = world_.now() + settle_limit;
  std::uint64_t index = 0;
  base::Duration quiet_since = world_.now();
  while (world_.now() < deadline) {
    tell_all();
    end_drains();
    upgrade_next();
    pass(250ms);
    const ServerMachine* first = leader();
    const std::uint64_t now = first ? first->server()->store().snapshot()->index : 0;
    if (!missing().empty() || now != index) quiet_since = world_.now();
    index = now;
    if (world_.now() - quiet_since >= quiet_wanted) return;
  }
  const std::string what = missing();
  fail("it does not settle: " + (what.empty() ? "something is written again and again" : what));
}

MachinesOutcome Machines::run() {
  world_.log.echo = echo;
  // Never thrown through the world, which may be unwinding somebody.
  world_.after_each_event = [this] {
    if (!broken_.empty()) return;
    try {
      check();
    } catch (const std::logic_error& e) {
      broken_ = e.what();
    }
  };
  for (ServerMachine& server : servers_)
    server.boot();
  for (ClientMachine& client : clients_)
    client.boot();
  story();
  settle();
  const state::Snapshot tables = leader()->server()->store().snapshot();
  if (const std::string what = check_dump(*tables); !what.empty()) fail(what);
  outcome_.trace = mix(world_.trace(), tables->hash());
  outcome_.commands = tables->index;
  for (const ClientMachine& client : clients_)
    outcome_.tasks += client.ledger.started;
  outcome_.terms = terms_.size();
  outcome_.ended = world_.now();
  outcome_.shape = shape_.to_string() + "; " + world_.knobs.to_string();
  return outcome_;
}

MachinesOutcome run_machines(std::uint64_t seed, bool echo) {
  Machines machines(seed);
  machines.echo = echo;
  return machines.run();
}

}  // namespace caravan::sim
