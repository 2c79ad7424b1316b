// SPDX-License-Identifier: Apache-2.0
#include "server/blocked.hpp"

namespace caravan::server {

bool BlockedEvals::could_use(const model::Evaluation& eval, const std::string& computed_class) {
  // Room on a node helps only what no node had room for.
  const auto wants_room = [](const auto& group) { return group.second.quota_exhausted.empty(); };
  const bool waits_for_more = !eval.quota_limit_reached.empty() || !eval.waits_for.empty();
  if (waits_for_more && std::ranges::none_of(eval.failed_groups, wants_room)) return false;
  if (eval.escaped_computed_class) return true;
  const auto known = eval.class_eligibility.find(computed_class);
  return known == eval.class_eligibility.end() || known->second;
}

std::vector<model::Evaluation> BlockedEvals::block(const model::Evaluation& eval) {
  std::vector<model::Evaluation> replaced;
  const auto old = by_job_.find(eval.job());
  if (old != by_job_.end() && old->second.id != eval.id) {
    if (old->second.create_index > eval.create_index) return {eval};
    replaced.push_back(old->second);
  }
  by_job_.erase(eval.job());
  if (is_missed(eval)) {
    missed_.push_back(eval);
    return replaced;
  }
  by_job_.emplace(eval.job(), eval);
  if (!eval.waits_for.empty()) waiting_.insert(eval.job());
  return replaced;
}

bool BlockedEvals::is_missed(const model::Evaluation& eval) const {
  const auto quota = quota_room_since_.find(eval.quota_limit_reached);
  if (quota != quota_room_since_.end() && quota->second > eval.snapshot_index) return true;
  return std::ranges::any_of(room_since_, [&](const auto& gain) {
    return gain.second > eval.snapshot_index && could_use(eval, gain.first);
  });
}

void BlockedEvals::forget(const base::JobId& job) { by_job_.erase(job); }

std::vector<model::Evaluation> BlockedEvals::unblock(const std::string& computed_class,
                                                     std::uint64_t index) {
  room_since_[computed_class] = index;
  return take([&](const model::Evaluation& eval) { return could_use(eval, computed_class); });
}

std::vector<model::Evaluation> BlockedEvals::unblock_quota(const std::string& quota,
                                                           std::uint64_t index) {
  quota_room_since_[quota] = index;
  return take([&](const model::Evaluation& eval) { return eval.quota_limit_reached == quota; });
}

std::vector<model::Evaluation> BlockedEvals::unblock_waiting(
    const std::function<bool(const model::Evaluation&)>& goes_on) {
  std::vector<model::Evaluation> free;
  std::erase_if(waiting_, [&](const base::JobId& job) {
    const auto found = by_job_.find(job);
    if (found == by_job_.end() || found->second.waits_for.empty()) return true;
    if (!goes_on(found->second)) return false;
    free.push_back(std::move(found->second));
    by_job_.erase(found);
    return true;
  });
  return free;
}

std::vector<model::Evaluation> BlockedEvals::take(
    const std::function<bool(const model::Evaluation&)>& is_meant) {
  std::vector<model::Evaluation> free;
  std::erase_if(by_job_, [&](const auto& entry) {
    if (!is_meant(entry.second)) return false;
    free.push_back(entry.second);
    return true;
  });
  return free;
}

std::set<std::string> BlockedEvals::quotas() const {
  std::set<std::string> names;
  for (const auto& [job, eval] : by_job_)
    if (!eval.quota_limit_reached.empty()) names.insert(eval.quota_limit_reached);
  return names;
}

std::vector<model::Evaluation> BlockedEvals::take_missed() { return std::exchange(missed_, {}); }

}  // namespace caravan::server
