// SPDX-License-Identifier: Apache-2.0
#include "server/restarts.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "server/new_eval.hpp"

namespace caravan::server {
namespace {
using namespace std::chrono_literals;
using model::RestartStatus;

constexpr base::Duration restart_look_interval = 500ms;
constexpr base::Duration batch_wait_max = 24h;

std::string quoted(const std::string& name) {
  return fmt::format("\"{}\"", base::printable(name, 128));
}

/// Errors: invalid.
base::Status check(const RestartRequest& request, const model::Job& job) {
  if (job.is_parent())
    return base::invalid("a periodic or parameterized job has no allocations of its own");
  if (job.stop) return base::invalid("the job is stopped");
  if (request.reschedule && (!request.tasks.empty() || request.all_tasks))
    return base::invalid("Reschedule replaces whole allocations: Tasks and AllTasks exclude it");
  if (request.reschedule && job.type != model::JobType::service &&
      job.type != model::JobType::batch)
    return base::invalid("Reschedule: allocations of system jobs are not placed elsewhere");
  if (request.all_tasks && !request.tasks.empty())
    return base::invalid("Tasks and AllTasks exclude each other");
  if (request.batch_size < 1 || (request.batch_is_percent && request.batch_size > 100))
    return base::invalid(
        fmt::format("BatchSize: {} is not above 0, or above 100 percent", request.batch_size));
  if (request.batch_wait > batch_wait_max)
    return base::invalid(fmt::format("BatchWait: {} is above {}",
                                     base::format_duration(request.batch_wait),
                                     base::format_duration(batch_wait_max)));
  for (const std::string& name : request.groups)
    if (!job.find_group(name)) return base::invalid("there is no group " + quoted(name));
  for (const std::string& name : request.tasks)
    if (std::ranges::none_of(job.groups, [&](const auto& g) { return g.find_task(name); }))
      return base::invalid("there is no task " + quoted(name));
  return {};
}

/// Running allocations that have what is to be restarted, by group and number.
std::vector<model::RestartedAlloc> chosen(const state::Tables& tables,
                                          const RestartRequest& request) {
  const auto named = [](const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || std::ranges::find(names, name) != names.end();
  };
  std::vector<state::Ref<model::Allocation>> allocs;
  for (const auto& alloc : tables.allocs_of_job(request.job)) {
    const std::vector<model::Task>& tasks = alloc->task_group().tasks;
    if (!alloc->terminal() && alloc->client_status == model::ClientStatus::running &&
        named(request.groups, alloc->group) &&
        std::ranges::any_of(tasks, [&](const auto& t) { return named(request.tasks, t.name); }))
      allocs.push_back(alloc);
  }
  std::ranges::sort(allocs, {}, [](const auto& alloc) {
    return std::tuple(alloc->group, alloc->index, alloc->id);
  });
  std::vector<model::RestartedAlloc> list;
  for (const auto& alloc : allocs)
    list.emplace_back().id = alloc->id;
  return list;
}

state::Ref<model::JobRestart> find(const state::Tables& tables, const base::JobId& job) {
  const state::Ref<model::JobRestart>* found = tables.job_restarts.find(job);
  return found ? *found : nullptr;
}

}  // namespace

Restarts::Restarts(io::World& world, state::Store& store, Proposals& proposals, io::Logger log)
    : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

void Restarts::start() {
  watches_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Restarts::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Result<model::JobRestart>> Restarts::begin(RestartRequest request) {
  const state::Snapshot tables = store_.snapshot();
  const state::Ref<model::Job> job = tables->job(request.job);
  if (!job) co_return base::fail(base::Code::not_found, "job not found");
  CO_TRY_VOID(check(request, *job));
  if (const auto known = find(*tables, request.job); known && known->is_active())
    co_return base::fail(base::Code::conflict,
                         "the job is being restarted already; cancel that restart first");
  model::JobRestart restart;
  restart.allocs = chosen(*tables, request);
  if (restart.allocs.empty()) co_return base::invalid("no allocation to restart is running");
  restart.id = world_.random.uuid();
  restart.ns = request.job.ns;
  restart.job_id = request.job.id;
  restart.groups = std::move(request.groups);
  restart.tasks = std::move(request.tasks);
  restart.all_tasks = request.all_tasks;
  restart.reschedule = request.reschedule;
  restart.asks_on_error = request.asks_on_error;
  restart.batch_wait = request.batch_wait;
  const int count = static_cast<int>(restart.allocs.size());
  restart.batch_size =
      request.batch_is_percent ? std::max(1, count * request.batch_size / 100) : request.batch_size;
  co_return co_await write(std::move(restart), {});
}

io::Task<base::Result<model::JobRestart>> Restarts::cancel(base::JobId job) {
  co_return co_await turn(std::move(job), RestartStatus::canceled, "canceled by a user");
}
io::Task<base::Result<model::JobRestart>> Restarts::pause(base::JobId job) {
  co_return co_await turn(std::move(job), RestartStatus::paused, "paused by a user");
}
io::Task<base::Result<model::JobRestart>> Restarts::resume(base::JobId job) {
  co_return co_await turn(std::move(job), RestartStatus::running, "");
}

io::Task<base::Result<model::JobRestart>> Restarts::turn(base::JobId job, RestartStatus to,
                                                         std::string description) {
  const state::Ref<model::JobRestart> known = find(*store_.snapshot(), job);
  if (!known) co_return base::fail(base::Code::not_found, "the job was not restarted");
  if (!known->is_active())
    co_return base::fail(base::Code::conflict, fmt::format("the restart is over: it is {}",
                                                           model::name_of(known->status)));
  model::JobRestart restart = *known;
  restart.status = to;
  restart.status_description = std::move(description);
  co_return co_await write(std::move(restart), {});
}

/// Errors: conflict (somebody else wrote it meanwhile), and those of a proposal.
io::Task<base::Result<model::JobRestart>> Restarts::write(
    model::JobRestart restart, std::map<std::string, model::DesiredTransition> transitions) {
  const base::JobId job{restart.ns, restart.job_id};
  const state::Snapshot tables = store_.snapshot();
  wire::UpsertJobRestart command;
  const state::Ref<model::JobRestart> known = find(*tables, job);
  command.expected_index = known ? known->modify_index : 0;
  if (restart.modify_index != 0) command.expected_index = restart.modify_index;
  command.transitions.transitions = std::move(transitions);
  const state::Ref<model::Job> whose = tables->job(job);
  if (restart.reschedule && whose && !command.transitions.transitions.empty())
    command.transitions.evals.push_back(
        new_eval(world_.random, *whose, model::triggered_by::alloc_stop));
  command.restart = std::move(restart);
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command)));
  const state::Snapshot after = store_.snapshot();
  const state::Ref<model::JobRestart> now = find(*after, job);
  if (!now || after->was_refused(index))
    co_return base::fail(base::Code::conflict, "the restart was changed by somebody else");
  co_return *now;
}

io::Task<void> Restarts::run() {
  while (true) {
    co_await world_.clock.sleep(restart_look_interval);
    const state::Snapshot tables = store_.snapshot();
    std::vector<state::Ref<model::JobRestart>> running;
    tables->job_restarts.each([&](const base::JobId&, const auto& restart) {
      if (restart->status == RestartStatus::running) running.push_back(restart);
    });
    std::erase_if(watches_, [&](const auto& entry) {
      return std::ranges::find(running, entry.first, &model::JobRestart::id) == running.end();
    });
    for (const state::Ref<model::JobRestart>& restart : running) {
      RestartWatch& watch = watches_[restart->id];
      std::optional<RestartStep> step =
          restart_step(*tables, *restart, watch, world_.clock.uptime());
      if (!step) continue;
      const std::string job = restart->job_id;
      const auto written = co_await write(std::move(step->restart), std::move(step->transitions));
      if (!written) {
        watches_.erase(restart->id);
        log_.warn("a restart does not go on; it is tried again",
                  {{"job", job}, {"error", written.error().message}});
      } else if (!written->is_active()) {
        log_.info("restart over",
                  {{"job", job}, {"status", std::string(model::name_of(written->status))}});
      }
    }
  }
}

}  // namespace caravan::server
