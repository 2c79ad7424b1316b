// SPDX-License-Identifier: Apache-2.0
#include "scheduler/canaries.hpp"

#include "scheduler/tasks_updated.hpp"

namespace caravan::scheduler {
namespace {

/// The lowest numbers of the old copies that a promotion would replace; beyond those, numbers after
/// the last one.
class FreeNumbers {
 public:
  FreeNumbers(const GroupQuestion& q, const Sorted& plain, std::set<int> taken)
      : taken_(std::move(taken)), beyond_(q.group.count) {
    for (const AllocRef& alloc : plain.running)
      if (is_older(q, *alloc)) old_.insert(alloc->index);
  }

  int next() {
    for (const int number : old_)
      if (taken_.insert(number).second) return number;
    while (!taken_.insert(beyond_).second)
      ++beyond_;
    return beyond_;
  }

 private:
  std::set<int> taken_, old_;
  int beyond_;
};

}  // namespace

int canaries_wanted(const GroupQuestion& q, const Sorted& plain) {
  if (q.rollout) return q.rollout->awaits_promotion() ? q.rollout->desired_canaries : 0;
  const std::optional<model::UpdateStrategy>& update = q.group.update;
  const bool may = q.job.type == model::JobType::service && update && update->max_parallel > 0;
  if (!may || q.deployment) return 0;
  const bool replaces = std::ranges::any_of(plain.running, [&](const AllocRef& alloc) {
    return is_older(q, *alloc) && needs_replacement(*alloc->job, q.job, q.group.name);
  });
  return replaces ? update->canary : 0;
}

void decide_canaries(const GroupQuestion& q, const std::vector<AllocRef>& canaries,
                     const Sorted& plain, GroupDiff& diff) {
  std::vector<AllocRef> current, others;
  for (const AllocRef& alloc : canaries) {
    const bool is_current =
        diff.canaries > 0 && q.deployment && alloc->deployment_id == q.deployment->id;
    (is_current ? current : others).push_back(alloc);
  }
  for (Stopping& s : stop_all(q.tables, others))
    diff.stop.push_back(std::move(s));
  if (diff.canaries == 0) return;
  Sorted sorted = sort_allocs(q, current, diff);
  diff.counts.ignore += sorted.running.size() + sorted.spent.size();
  FreeNumbers numbers(q, plain, used_numbers(sorted));
  const int missing = diff.canaries - static_cast<int>(sorted.places());
  for (const AllocRef& alloc : sorted.lost) {
    diff.stop.push_back({alloc, why::lost, model::ClientStatus::lost});
    diff.place.push_back({.index = alloc->index, .previous = alloc, .canary = true});
  }
  for (const AllocRef& alloc : sorted.failed_now) {
    diff.place.push_back(
        {.index = alloc->index, .previous = alloc, .rescheduled = true, .canary = true});
    ++diff.counts.reschedule_now;
  }
  for (const AllocRef& alloc : sorted.migrate) {
    diff.place.push_back(
        {.index = alloc->index, .previous = alloc, .replaces = true, .canary = true});
    ++diff.counts.migrate;
  }
  std::ranges::move(sorted.failed_later, std::back_inserter(diff.later));
  if (q.halted) return;
  for (int i = 0; i < missing; ++i) {
    diff.place.push_back({.index = numbers.next(), .canary = true});
    ++diff.counts.canary;
  }
}

}  // namespace caravan::scheduler
