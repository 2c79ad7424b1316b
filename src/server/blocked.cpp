// SPDX-License-Identifier: Apache-2.0
#include "server/blocked.hpp"

namespace caravan::server {

bool BlockedEvals::could_use(const model::Evaluation& eval, const std::string& computed_class) {
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
  for (const auto& [computed_class, index] : room_since_)
    if (index > eval.snapshot_index && could_use(eval, computed_class)) {
      missed_.push_back(eval);
      return replaced;
    }
  by_job_.emplace(eval.job(), eval);
  return replaced;
}

void BlockedEvals::forget(const base::JobId& job) { by_job_.erase(job); }

std::vector<model::Evaluation> BlockedEvals::unblock(const std::string& computed_class,
                                                     std::uint64_t index) {
  room_since_[computed_class] = index;
  std::vector<model::Evaluation> free;
  std::erase_if(by_job_, [&](const auto& entry) {
    if (!could_use(entry.second, computed_class)) return false;
    free.push_back(entry.second);
    return true;
  });
  return free;
}

std::vector<model::Evaluation> BlockedEvals::take_missed() { return std::exchange(missed_, {}); }

}  // namespace caravan::server
