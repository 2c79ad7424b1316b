// SPDX-License-Identifier: Apache-2.0
#include "server/restarts.hpp"

#include <fmt/core.h>

namespace caravan::server {
namespace {

using model::RestartProgress;
using AllocRef = state::Ref<model::Allocation>;

bool is_meant(const model::JobRestart& restart, const std::string& task) {
  return restart.tasks.empty() || std::ranges::find(restart.tasks, task) != restart.tasks.end();
}

std::uint64_t restarts_of(const model::JobRestart& restart, const model::Allocation& alloc) {
  std::uint64_t sum = 0;
  for (const auto& [name, state] : alloc.task_states)
    if (is_meant(restart, name)) sum += state.restarts;
  return sum;
}

/// Its main tasks and sidecars run.
bool runs(const model::Allocation& alloc) {
  if (alloc.terminal() || alloc.client_status != model::ClientStatus::running) return false;
  return std::ranges::all_of(alloc.task_group().tasks, [&](const model::Task& task) {
    const auto state = alloc.task_states.find(task.name);
    return !(task.is_main() || task.is_sidecar()) || task.is_poststop() ||
           (state != alloc.task_states.end() &&
            state->second.state == model::TaskRunState::running);
  });
}

class Step {
 public:
  Step(const state::Tables& tables, const model::JobRestart& restart, RestartWatch& watch,
       base::Duration now)
      : tables_(tables), watch_(watch), now_(now), step_{restart, {}}, next_(step_.restart) {}

  std::optional<RestartStep> take() {
    bool under_way = false, moved = false;
    for (model::RestartedAlloc& entry : next_.allocs) {
      if (entry.progress != RestartProgress::restarting) continue;
      if (!watch_.batch_began) watch_.batch_began = now_;
      entry.progress = judge(entry);
      under_way = under_way || entry.progress == RestartProgress::restarting;
      moved = moved || entry.progress != RestartProgress::restarting;
      if (entry.progress == RestartProgress::failed) return give_up(entry);
    }
    if (under_way) return written(moved);
    if (moved) end_batch();
    const bool left = std::ranges::any_of(
        next_.allocs, [](const auto& entry) { return entry.progress == RestartProgress::waiting; });
    if (!left) return finish();
    if (next_.status == model::RestartStatus::paused || is_waiting()) return written(moved);
    begin_batch();
    return written(true);
  }

 private:
  model::UpdateStrategy policy(const model::Allocation& alloc) const {
    return alloc.task_group().update.value_or(model::UpdateStrategy());
  }

  RestartProgress judge(const model::RestartedAlloc& entry) {
    const AllocRef asked = tables_.alloc(entry.id);
    if (!asked) return RestartProgress::gone;
    const AllocRef alloc = next_.reschedule ? tables_.alloc(asked->next_allocation) : asked;
    const bool is_late = now_ - *watch_.batch_began > policy(*asked).healthy_deadline;
    if (!alloc) return is_late ? RestartProgress::failed : RestartProgress::restarting;
    if (!next_.reschedule && alloc->server_terminal()) return RestartProgress::gone;
    if (alloc->client_terminal()) return RestartProgress::failed;
    const std::uint64_t restarts = restarts_of(next_, *alloc);
    const bool has_begun = next_.reschedule || restarts > entry.restarts_before;
    if (!has_begun || !runs(*alloc)) {
      watch_.well.erase(entry.id);
    } else {
      const auto [seen, is_new] = watch_.well.try_emplace(entry.id);
      if (is_new || seen->second.restarts != restarts) seen->second = {restarts, now_};
      if (now_ - seen->second.well_since >= policy(*alloc).min_healthy_time)
        return RestartProgress::done;
    }
    return is_late ? RestartProgress::failed : RestartProgress::restarting;
  }

  std::optional<RestartStep> give_up(const model::RestartedAlloc& entry) {
    next_.status =
        next_.asks_on_error ? model::RestartStatus::paused : model::RestartStatus::failed;
    next_.status_description =
        fmt::format("allocation {} is not well after its restart", entry.id.to_short());
    return written(true);
  }

  void end_batch() {
    watch_.batch_began.reset();
    watch_.well.clear();
    watch_.waiting_from = now_;
    if (next_.batch_wait != model::restart_wait_asks) return;
    next_.status = model::RestartStatus::paused;
    next_.status_description = "a batch is done; somebody has to let the next one begin";
  }

  bool is_waiting() {
    const bool is_first = std::ranges::all_of(
        next_.allocs, [](const auto& entry) { return entry.progress == RestartProgress::waiting; });
    if (is_first || next_.batch_wait <= base::Duration(0)) return false;
    if (!watch_.waiting_from) watch_.waiting_from = now_;  // another leader saw the batch end
    return now_ - *watch_.waiting_from < next_.batch_wait;
  }

  void begin_batch() {
    int begun = 0;
    for (model::RestartedAlloc& entry : next_.allocs) {
      if (entry.progress != RestartProgress::waiting) continue;
      if (begun == next_.batch_size) break;
      const AllocRef alloc = tables_.alloc(entry.id);
      if (!alloc || alloc->terminal()) {
        entry.progress = RestartProgress::gone;
        continue;
      }
      ++begun;
      entry.progress = RestartProgress::restarting;
      entry.restarts_before = restarts_of(next_, *alloc);
      model::DesiredTransition& transition = step_.transitions[entry.id.to_string()];
      transition = alloc->desired_transition;
      if (next_.reschedule)
        transition.migrate = true;
      else
        transition.restart = model::RestartOrder{0, next_.tasks, next_.all_tasks, {}};
    }
    watch_.batch_began = now_;
    watch_.well.clear();
  }

  std::optional<RestartStep> finish() {
    next_.status = model::RestartStatus::complete;
    next_.status_description.clear();
    return written(true);
  }

  std::optional<RestartStep> written(bool is_news) {
    if (!is_news) return {};
    return std::move(step_);
  }

  const state::Tables& tables_;
  RestartWatch& watch_;
  base::Duration now_;
  RestartStep step_;
  model::JobRestart& next_;
};

}  // namespace

std::optional<RestartStep> restart_step(const state::Tables& tables,
                                        const model::JobRestart& restart, RestartWatch& watch,
                                        base::Duration uptime) {
  return Step(tables, restart, watch, uptime).take();
}

}  // namespace caravan::server
