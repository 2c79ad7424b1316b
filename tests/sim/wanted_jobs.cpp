// SPDX-License-Identifier: Apache-2.0
#include "sim/wanted_jobs.hpp"

#include <fmt/core.h>

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

bool up_to_date(const model::Allocation& alloc, int generation) {
  const auto& env = alloc.task_group().tasks.at(0).env;
  const auto found = env.find("GENERATION");
  return found != env.end() && found->second == fmt::format("{}", generation);
}

Wanted fresh_job(SimRandom& random, std::size_t others) {
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
  fresh.proves = random.chance(300);
  if (!fresh.batch && random.chance(200)) {
    fresh.static_port = 8000 + static_cast<int>(others);
    fresh.count = 1;
  }
  return fresh;
}

}  // namespace

model::Job make_job(const std::string& id, const Wanted& wanted) {
  model::Job job;
  job.id = job.name = id;
  job.ns = wanted.ns;
  if (!wanted.depends_on.empty()) job.depends_on = {wanted.depends_on};
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
  task.resources.cpu = wanted.cpu / wanted.tasks();
  task.resources.memory_mb = 100;
  task.kill_timeout = 2s;
  task.restart = group.restart;
  task.env["GENERATION"] = fmt::format("{}", wanted.generation);
  if (wanted.proves)
    task.identities.push_back(
        {.name = "short", .audience = {"sim"}, .file = true, .ttl = base::Duration(10s)});
  const char* lasting = wanted.stubborn ? "/sim/stubborn" : "/sim/forever";
  task.config["command"] = std::string(wanted.batch ? "/sim/run" : lasting);
  if (wanted.batch) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wanted.length).count();
    task.config["args"] = json::Array{fmt::format("{}ms", ms), fmt::format("{}", wanted.exit_code)};
  }
  group.tasks.push_back(task);
  if (wanted.paired) {
    task.name = "second";
    task.depends_on = {"work"};
    group.tasks.push_back(std::move(task));
  }
  job.groups.push_back(std::move(group));
  return job;
}

void change_something(WantedJobs& jobs, SimRandom& random) {
  const std::size_t at = random.below(7);
  if (jobs.size() < 3 || (jobs.size() < 6 && random.chance(400))) {
    const Wanted fresh = fresh_job(random, jobs.size());
    jobs[fmt::format("job-{}", jobs.size() + 1)] = fresh;
    return;
  }
  auto chosen = jobs.begin();
  std::advance(chosen, at % jobs.size());
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

void want_what_others_need(WantedJobs& jobs) {
  for (const auto& [id, job] : jobs) {
    const auto needed = jobs.find(job.depends_on);
    if (job.stopped || needed == jobs.end() || !needed->second.stopped) continue;
    needed->second.stopped = needed->second.told = false;
  }
}

std::string missing(const std::string& id, const Wanted& wanted, const state::Tables& tables) {
  if (!wanted.told) return id + " is not told";
  const state::Ref<model::Job> job = tables.job({wanted.ns, id});
  if (!job && wanted.stopped) return "";  // it was stopped before it was ever told
  if (!job) return id + " is unknown";
  if (job->stop != wanted.stopped) return id + " is not stopped as wanted";
  int running = 0, others = 0;
  for (const auto& alloc : tables.allocs_of_job({wanted.ns, id})) {
    const bool runs = !alloc->terminal() && up_to_date(*alloc, wanted.generation) &&
                      alloc->client_status == model::ClientStatus::running;
    if (runs)
      ++running;
    else if (!alloc->client_terminal())
      ++others;
  }
  if (running != wanted.lasting() || others > 0)
    return fmt::format("{}: {} of {} run, {} are on their way", id, running, wanted.lasting(),
                       others);
  if ((wanted.batch || wanted.stopped) && job->status != model::JobStatus::dead)
    return fmt::format("{} is {}", id, model::name_of(job->status));
  return "";
}

std::string situation(const WantedJobs& jobs, const state::Tables& tables) {
  std::string text;
  for (const auto& [id, wanted] : jobs) {
    for (const auto& alloc : tables.allocs_of_job({wanted.ns, id}))
      if (!alloc->client_terminal())
        text += fmt::format("{} {} v{} wanted {} is {}, {} ports\n", alloc->name(),
                            alloc->id.to_short(), alloc->job->version,
                            model::name_of(alloc->desired_status),
                            model::name_of(alloc->client_status), alloc->ports.size());
    for (const auto& eval : tables.evals_of_job({wanted.ns, id}))
      for (const auto& [group, metric] : eval->failed_groups) {
        for (const auto& [reason, count] : metric.constraint_filtered)
          text += fmt::format("{} {}: {} filtered {}\n", id, group, reason, count);
        for (const auto& [reason, count] : metric.dimension_exhausted)
          text += fmt::format("{} {}: {} exhausted {}\n", id, group, reason, count);
      }
    for (const auto& eval : tables.evals_of_job({wanted.ns, id}))
      if (!eval->is_terminal())
        text +=
            fmt::format("{} eval {} {}\n", id, eval->triggered_by, model::name_of(eval->status));
    if (const auto deployment = tables.latest_deployment({wanted.ns, id}))
      text += fmt::format("{} deployment v{} {} {}\n", id, deployment->job_version,
                          model::name_of(deployment->status), deployment->status_description);
  }
  return text;
}

}  // namespace caravan::sim
