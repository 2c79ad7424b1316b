// SPDX-License-Identifier: Apache-2.0
#include "scheduler/quota.hpp"

#include "state/tree_diff.hpp"

namespace caravan::scheduler {

state::Ref<model::Quota> quota_of(const state::Tables& tables, const std::string& ns) {
  if (tables.quotas.size() == 0) return nullptr;
  const state::Ref<model::Namespace> space = tables.name_space(ns);
  return space && !space->quota.empty() ? tables.quota(space->quota) : nullptr;
}

model::QuotaAmounts quota_usage(const state::Tables& tables, const std::string& quota) {
  model::QuotaAmounts used;
  for (const state::Ref<model::Namespace>& space : tables.all_namespaces()) {
    if (space->quota != quota) continue;
    tables.allocs_by_job.from({space->name, ""}, [&](const base::JobId& job, const auto& ids) {
      if (job.ns != space->name) return false;
      ids.each([&](const base::AllocId& id, const auto&) {
        const state::Ref<model::Allocation> alloc = tables.alloc(id);
        if (alloc && !alloc->terminal()) used += model::quota_amounts(alloc->task_group());
      });
      return true;
    });
  }
  return used;
}

void QuotaLedger::follow(const state::Tables& tables) {
  if (tables.quotas.size() == 0) {
    *this = QuotaLedger();
    return;
  }
  const auto is_counted = [](const state::Ref<model::Allocation>* alloc) {
    return alloc && !(*alloc)->terminal();
  };
  state::TreeDiff<base::AllocId, state::Ref<model::Allocation>>::each(
      known_, tables.allocs, [&](const base::AllocId&, const auto* before, const auto* after) {
        if (is_counted(before) && is_counted(after) && (*before)->job == (*after)->job) return;
        if (is_counted(before)) count(**before, false);
        if (is_counted(after)) count(**after, true);
      });
  known_ = tables.allocs;
}

void QuotaLedger::count(const model::Allocation& alloc, bool is_there) {
  model::QuotaAmounts& used = by_namespace_[alloc.job->ns];
  const model::QuotaAmounts amounts = model::quota_amounts(alloc.task_group());
  if (is_there)
    used += amounts;
  else
    used -= amounts;
}

model::QuotaAmounts QuotaLedger::used(const state::Tables& tables, const std::string& quota) const {
  model::QuotaAmounts sum;
  for (const auto& [ns, amounts] : by_namespace_) {
    const state::Ref<model::Namespace> space = tables.name_space(ns);
    if (space && space->quota == quota) sum += amounts;
  }
  return sum;
}

QuotaGate::QuotaGate(const state::Tables& tables, const QuotaLedger& ledger, const model::Job& job)
    : quota_(quota_of(tables, job.ns)) {
  if (!quota_) return;
  limit_ = quota_->limit_of(job.region);
  used_ = ledger.used(tables, quota_->name);
}

std::vector<std::string> QuotaGate::exceeded(const model::TaskGroup& group) const {
  if (!limit_) return {};
  return model::exceeded(limit_->amounts, used_, model::quota_amounts(group));
}

void QuotaGate::add(const model::QuotaAmounts& amounts) {
  if (limit_) used_ += amounts;
}

void QuotaGate::remove(const model::TaskGroup& group) {
  if (limit_) used_ -= model::quota_amounts(group);
}

}  // namespace caravan::scheduler
