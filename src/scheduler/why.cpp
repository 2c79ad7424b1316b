// SPDX-License-Identifier: Apache-2.0
#include "scheduler/why.hpp"

#include "scheduler/dependencies.hpp"

namespace caravan::scheduler {
namespace {

/// How much a user would have to give up: few changes before many, easy ones before hard ones,
/// small ones before large ones.
auto cost(const Relaxation& relaxation) {
  Obstacle::Kind hardest{};
  double share = 0;
  for (const Obstacle& obstacle : relaxation.obstacles) {
    hardest = std::max(hardest, obstacle.kind);
    share += obstacle.share;
  }
  return std::tuple(relaxation.obstacles.size(), hardest, share);
}

/// Nodes with the same obstacles are one relaxation, told by the node that is nearest.
class Relaxations {
 public:
  void add(const model::Node& node, std::vector<Obstacle> obstacles) {
    std::string key;
    for (const Obstacle& obstacle : obstacles)
      key += obstacle.subject + '\n';
    Relaxation nearer{std::move(obstacles), 0, node.id, node.name};
    const auto [found, is_new] = by_subjects_.try_emplace(std::move(key), nearer);
    if (!is_new && cost(nearer) < cost(found->second)) {
      nearer.nodes = found->second.nodes;
      found->second = std::move(nearer);
    }
    ++found->second.nodes;
  }

  std::vector<Relaxation> smallest() {
    std::vector<Relaxation> all;
    for (auto& [key, relaxation] : by_subjects_)
      all.push_back(std::move(relaxation));
    std::ranges::sort(all, {},
                      [](const Relaxation& r) { return std::tuple(cost(r), -r.nodes, r.node); });
    if (all.size() > relaxations_shown) all.resize(relaxations_shown);
    return all;
  }

 private:
  std::map<std::string, Relaxation> by_subjects_;
};

}  // namespace

std::string Relaxation::text() const {
  std::string text;
  for (const Obstacle& obstacle : obstacles)
    text += (text.empty() ? "" : ", and ") + obstacle.remedy;
  return text;
}

GroupWhy explain(const state::Tables& tables, Fleet& fleet, const model::Job& job,
                 const model::TaskGroup& group, const model::Allocation* without,
                 std::uint64_t salt) {
  Fleet::Draft draft(fleet);
  Copies copies(fleet, job, tables.allocs_of_job(job.job_id()));
  if (without && !without->terminal())
    if (const Row row = fleet.row_of(without->node_id); row != no_row) {
      draft.release(row, *without);
      copies.count(row, without->group, -1);
    }
  const Obstacles obstacles(tables, fleet, copies, job, group);
  Search search(fleet, copies, job, group, algorithm_of(tables, job), salt);
  // A system job has its copy on a node, or wants one there: it asks for no second one.
  const bool one_each = job.type == model::JobType::system || job.type == model::JobType::sysbatch;
  GroupWhy why;
  why.group = group.name;
  QuotaGate quota(tables, fleet.quotas(), job);
  if (without && !without->terminal()) quota.remove(without->task_group());
  why.quota_exhausted = quota.exceeded(group);
  why.waits_for = waits_for(tables, job);
  std::ranges::move(waits_for(tables, job, group), std::back_inserter(why.waits_for));
  std::map<std::string, ClassWhy> classes;
  Relaxations relaxations;
  std::vector<Search::Found> fitting;
  for (Row row = 0; row < fleet.size(); ++row) {
    const std::vector<int>& here = copies.of_group(group.name);
    if (one_each && !here.empty() && here[row] > 0) continue;
    const model::Node& node = *fleet.node(row);
    ClassWhy& of_class = classes[node.node_class];
    ++of_class.nodes;
    std::vector<Obstacle> found = obstacles.of(row);
    for (const Obstacle& obstacle : found)
      ++of_class.obstacles[obstacle.subject];
    if (!found.empty()) {
      relaxations.add(node, std::move(found));
      continue;
    }
    ++of_class.fitting;
    if (const std::optional<Search::Found> score = search.look_at(row)) fitting.push_back(*score);
  }
  for (auto& [name, of_class] : classes) {
    of_class.node_class = name;
    why.nodes += of_class.nodes;
    why.fitting += of_class.fitting;
    why.classes.push_back(std::move(of_class));
  }
  std::ranges::sort(fitting, [&](const auto& a, const auto& b) { return search.is_better(a, b); });
  if (fitting.size() > candidates_shown) fitting.resize(candidates_shown);
  for (const Search::Found& found : fitting) {
    const model::Node& node = *fleet.node(found.row);
    why.candidates.push_back({node.id, node.name, node.node_class, found.parts.named(node.id)});
  }
  if (why.fitting == 0) why.relaxations = relaxations.smallest();
  return why;
}

}  // namespace caravan::scheduler
