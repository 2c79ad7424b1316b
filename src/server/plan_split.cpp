// SPDX-License-Identifier: Apache-2.0
#include "server/plan_split.hpp"

#include <unordered_map>

namespace caravan::server {
namespace {

std::size_t encoded_size(const model::Allocation& alloc, std::string& scratch) {
  scratch.clear();
  wire::encode_bare(scratch, alloc);
  return scratch.size();
}

}  // namespace

std::vector<wire::PlanResult> split_plan(wire::PlanResult plan, std::size_t bytes_max) {
  std::vector<wire::PlanResult> parts;
  if (plan.placed.size() <= undivided_placements) {
    plan.share_metrics();
    parts.push_back(std::move(plan));
    return parts;
  }
  // By placement, and by what ends with it: the number of its part.
  std::unordered_map<base::AllocId, std::size_t> part_of;
  std::string scratch;
  std::size_t bytes = 0;
  for (model::Allocation& alloc : plan.placed) {
    const std::size_t size = encoded_size(alloc, scratch);
    if (parts.empty() || bytes + size > bytes_max) {
      parts.emplace_back().eval_id = plan.eval_id;
      bytes = 0;
    }
    bytes += size;
    part_of[alloc.id] = parts.size() - 1;
    if (!alloc.previous_allocation.is_nil())
      part_of.try_emplace(alloc.previous_allocation, parts.size() - 1);
    parts.back().placed.push_back(std::move(alloc));
  }
  for (wire::AllocStop& stop : plan.stopped) {
    const auto found = part_of.find(stop.preempted_by.is_nil() ? stop.alloc_id : stop.preempted_by);
    parts[found == part_of.end() ? 0 : found->second].stopped.push_back(std::move(stop));
  }
  parts.front().deployment = std::move(plan.deployment);
  parts.front().deployment_updates = std::move(plan.deployment_updates);
  parts.front().deployment_totals = std::move(plan.deployment_totals);
  parts.back().evals = std::move(plan.evals);
  parts.back().unknown = std::move(plan.unknown);
  for (wire::PlanResult& part : parts)
    part.share_metrics();
  return parts;
}

}  // namespace caravan::server
