// SPDX-License-Identifier: Apache-2.0
#include "server/periodic.hpp"

#include <algorithm>

#include "server/children.hpp"
#include "server/new_eval.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

/// New and changed jobs are seen after this time; what is due wakes earlier.
constexpr base::Duration launch_look_interval = 1s;
/// And after a proposal that did not go through.
constexpr base::Duration retry_interval = 1s;
/// A last launch this far in the future was written by a clock that was wrong.
constexpr base::Duration clock_error_max = 10min;

bool overlaps(const state::Tables& tables, const base::JobId& id) {
  return std::ranges::any_of(tables.children_of(id), [](const state::Ref<model::Job>& child) {
    return child->status != model::JobStatus::dead;
  });
}

}  // namespace

std::optional<base::Instant> due_launch(const LaunchSchedule& schedule, base::Instant next,
                                        base::Instant now) {
  if (next > now) return {};
  const std::optional<base::Instant> after = schedule.next(next);
  if (!after || *after > now) return next;
  return base::Instant::from_seconds(now.seconds());
}

Periodic::Periodic(io::World& world, state::Store& store, Proposals& proposals, io::Logger log)
    : world_(world), store_(store), proposals_(proposals), log_(std::move(log)) {}

void Periodic::start() {
  entries_.clear();
  skipped_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Periodic::stop() {
  if (tasks_) co_await tasks_->stop();
}

void Periodic::renew(const model::Job& job, base::Instant since) {
  const base::JobId id = job.job_id();
  const auto known = entries_.find(id);
  if (known != entries_.end() && known->second.config == *job.periodic) {
    if (known->second.since == since) return;
    known->second.since = since;
    known->second.next = known->second.schedule.next(since);
    return;
  }
  base::Result<LaunchSchedule> schedule = schedule_of(*job.periodic, world_.disk);
  if (!schedule)  // it was accepted by another server, or the zone's file went
    log_.error("a periodic job cannot be launched",
               {{"job", id.id}, {"namespace", id.ns}, {"error", schedule.error().message}});
  const LaunchSchedule found = schedule ? *std::move(schedule) : LaunchSchedule();
  entries_.insert_or_assign(id, Entry{*job.periodic, found, since, found.next(since)});
}

/// Brings the entries in line with the state.
void Periodic::look(const state::Tables& tables) {
  const base::Instant now = world_.clock.now();
  const auto is_gone = [&](const auto& entry) {
    const state::Ref<model::Job> job = tables.job(entry.first);
    return !job || !job->is_launched_by_time();
  };
  std::erase_if(entries_, is_gone);
  std::erase_if(skipped_, is_gone);
  // Every job that is to be launched has a row here since it became periodic.
  tables.periodic_launches.each([&](const base::JobId& id, const auto& row) {
    const state::Ref<model::Job> job = tables.job(id);
    if (!job || !job->is_launched_by_time()) return;
    base::Instant since = row->time;
    if (since > now + clock_error_max) since = now;
    const auto skipped = skipped_.find(id);
    if (skipped != skipped_.end()) since = std::max(since, skipped->second);
    renew(*job, since);
  });
}

base::Instant Periodic::next_due() const {
  base::Instant earliest = world_.clock.now() + launch_look_interval;
  for (const auto& [id, entry] : entries_)
    if (entry.next) earliest = std::min(earliest, *entry.next);
  return earliest;
}

io::Task<void> Periodic::run() {
  while (true) {
    look(*store_.snapshot());
    std::vector<base::JobId> due;
    for (const auto& [id, entry] : entries_)
      if (entry.next && *entry.next <= world_.clock.now()) due.push_back(id);
    for (const base::JobId& id : due)
      co_await launch_if_due(id);
    const base::Duration pause = next_due() - world_.clock.now();
    const base::Duration least = due.empty() ? 1ms : 0ms;
    co_await world_.clock.sleep(std::max(pause, least));
  }
}

io::Task<void> Periodic::launch_if_due(base::JobId id) {
  const state::Snapshot snapshot = store_.snapshot();
  const state::Ref<model::Job> job = snapshot->job(id);
  if (!job || !job->is_launched_by_time()) co_return;
  const Entry& entry = entries_.at(id);
  const base::Instant now = world_.clock.now();
  const auto time = due_launch(entry.schedule, *entry.next, now);
  if (!time) co_return;
  if (job->periodic->prohibit_overlap && overlaps(*snapshot, id)) {
    log_.debug("not launched: it prohibits overlap, and an earlier instance has not ended",
               {{"job", id.id}, {"namespace", id.ns}});
    skipped_[id] = *time;
    co_return renew(*job, *time);
  }
  const base::Result<Launched> launched = co_await launch(*job, snapshot->last_launch(id), *time);
  if (launched) {
    log_.info("launched a periodic job", {{"job", launched->job_id}, {"namespace", id.ns}});
    co_return renew(*job, *time);
  }
  log_.warn("a periodic job was not launched",
            {{"job", id.id}, {"namespace", id.ns}, {"error", launched.error().message}});
  co_await world_.clock.sleep(retry_interval);
}

io::Task<base::Result<Launched>> Periodic::launch(const model::Job& job, base::Instant last,
                                                  base::Instant time) {
  wire::RegisterJob command;
  command.job = periodic_child(job, time);
  command.birth = wire::Birth{last, time, {}};
  command.eval = new_eval(world_.random, command.job, model::triggered_by::periodic_job);
  Launched launched{command.job.id, command.eval->id, 0};
  const base::JobId child = command.job.job_id();
  CO_TRY(launched.index, co_await proposals_.propose(std::move(command)));
  const state::Ref<model::Job> born = store_.snapshot()->job(child);
  if (!born || born->create_index != launched.index)
    co_return base::fail(base::Code::conflict, "the job was launched or stopped meanwhile");
  co_return launched;
}

io::Task<base::Result<Launched>> Periodic::force(base::JobId id) {
  const state::Snapshot snapshot = store_.snapshot();
  const state::Ref<model::Job> job = snapshot->job(id);
  if (!job) co_return base::fail(base::Code::not_found, "job not found");
  if (!job->is_periodic() || job->is_parameterized())
    co_return base::invalid("can't force launch non-periodic job");
  if (job->stop) co_return base::invalid("can't force launch a job that is stopped");
  // Ids are by the second; one that is taken gives way to the next.
  base::Instant time = base::Instant::from_seconds(world_.clock.now().seconds());
  while (snapshot->job({id.ns, periodic_child_id(id.id, time)}))
    time = time + 1s;
  co_return co_await launch(*job, snapshot->last_launch(id), time);
}

}  // namespace caravan::server
