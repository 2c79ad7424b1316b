// SPDX-License-Identifier: Apache-2.0
#include "scheduler/victims.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace caravan::scheduler {
namespace {

using Amounts = std::array<std::int64_t, 4>;

Amounts amounts(const model::Footprint& f) { return {f.cpu, f.memory_mb, f.disk_mb, f.cores}; }

Amounts shortage(const model::Footprint& need, model::Footprint free,
                 const model::Footprint& freed) {
  free += freed;
  Amounts missing = amounts(need);
  const Amounts there = amounts(free);
  for (std::size_t i = 0; i < missing.size(); ++i)
    missing[i] = std::max<std::int64_t>(missing[i] - there[i], 0);
  return missing;
}

bool is_none(const Amounts& missing) {
  return std::ranges::all_of(missing, [](std::int64_t amount) { return amount == 0; });
}

bool helps(const Amounts& missing, const Amounts& has) {
  for (std::size_t i = 0; i < missing.size(); ++i)
    if (missing[i] > 0 && has[i] > 0) return true;
  return false;
}

/// The square of how far a size is from what is missing; 0 is exactly that much.
double distance(const Amounts& missing, const Amounts& has) {
  double sum = 0;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) continue;
    const double off = static_cast<double>(missing[i] - has[i]) / static_cast<double>(missing[i]);
    sum += off * off;
  }
  return sum;
}

/// Static ports that the group must have for itself.
std::vector<int> ports_wanted(const model::TaskGroup& group) {
  std::vector<int> ports;
  const auto add = [&](const std::vector<model::NetworkResource>& networks) {
    for (const model::NetworkResource& network : networks)
      for (const model::Port& port : network.reserved_ports)
        if (!port.ignore_collision) ports.push_back(port.value);
  };
  add(group.networks);
  for (const model::Task& task : group.tasks)
    add(task.resources.networks);
  return ports;
}

bool holds(const model::Allocation& alloc, int port) {
  return std::ranges::find(alloc.ports, port, &model::PortMapping::value) != alloc.ports.end();
}

class Choice {
 public:
  Choice(const Fleet& fleet, Row row, const model::TaskGroup& group,
         std::vector<Candidate>& candidates)
      : fleet_(fleet),
        row_(row),
        group_(group),
        need_(model::footprint(group)),
        left_(candidates) {}

  std::optional<Victims> run() {
    if (!take_port_holders()) return {};
    const std::size_t forced = victims_.allocs.size();
    while (!is_none(missing(victims_.freed)))
      if (!take_next()) return {};
    spare(forced);
    return std::move(victims_);
  }

 private:
  Amounts missing(const model::Footprint& freed) const {
    return shortage(need_, fleet_.seat(row_).free, freed);
  }

  void take(std::size_t i) {
    victims_.freed += model::footprint(left_[i].alloc->task_group());
    victims_.allocs.push_back(left_[i].alloc);
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  /// False when one of the ports is held by something that may not end.
  bool take_port_holders() {
    const std::vector<std::uint16_t>& held = fleet_.held(row_).ports;
    for (const int port : ports_wanted(group_)) {
      const auto value = static_cast<std::uint16_t>(port);
      if (std::ranges::binary_search(fleet_.reserved_ports(row_), value)) return false;
      auto holders = static_cast<std::ptrdiff_t>(std::ranges::equal_range(held, value).size());
      holders -= std::ranges::count_if(victims_.allocs,
                                       [&](const auto& alloc) { return holds(*alloc, port); });
      for (std::size_t i = 0; i < left_.size();) {
        if (!holds(*left_[i].alloc, port)) {
          ++i;
          continue;
        }
        take(i);
        --holders;
      }
      if (holders > 0) return false;
    }
    return true;
  }

  bool take_next() {
    const Amounts still = missing(victims_.freed);
    std::optional<std::size_t> best;
    const auto rank = [&](std::size_t i) {
      const model::Allocation& alloc = *left_[i].alloc;
      return std::tuple(alloc.job->priority, left_[i].is_over_limit,
                        distance(still, amounts(model::footprint(alloc.task_group()))), alloc.id);
    };
    for (std::size_t i = 0; i < left_.size(); ++i) {
      if (!helps(still, amounts(model::footprint(left_[i].alloc->task_group())))) continue;
      if (!best || rank(i) < rank(*best)) best = i;
    }
    if (best) take(*best);
    return best.has_value();
  }

  /// Lets those go on whose room is not needed after all.
  void spare(std::size_t forced) {
    std::vector<std::size_t> order(victims_.allocs.size() - forced);
    std::iota(order.begin(), order.end(), forced);
    std::ranges::sort(order, std::greater(), [&](std::size_t i) {
      return std::pair(victims_.allocs[i]->job->priority, i);
    });
    std::vector<bool> spared(victims_.allocs.size());
    for (const std::size_t i : order) {
      model::Footprint without = victims_.freed;
      without -= model::footprint(victims_.allocs[i]->task_group());
      if (!is_none(missing(without))) continue;
      victims_.freed = without;
      spared[i] = true;
    }
    std::size_t i = 0;
    std::erase_if(victims_.allocs, [&](const auto&) { return spared[i++]; });
  }

  const Fleet& fleet_;
  const Row row_;
  const model::TaskGroup& group_;
  const model::Footprint need_;
  std::vector<Candidate>& left_;
  Victims victims_;
};

}  // namespace

bool may_end_for(const model::Job& job, const model::Job& other) {
  return other.priority + priority_gap_min <= job.priority && other.job_id() != job.job_id();
}

std::optional<Victims> choose_victims(const Fleet& fleet, Row row, const model::TaskGroup& group,
                                      std::vector<Candidate> candidates) {
  return Choice(fleet, row, group, candidates).run();
}

double preemption_score(const Victims& victims) {
  // A logistic curve over the highest priority, plus the sum of all in shares of the highest; where
  // it turns and how steeply are those of the public documentation.
  constexpr double steepness = 0.0048, middle = 2048;
  double highest = 0, sum = 0;
  for (const state::Ref<model::Allocation>& alloc : victims.allocs) {
    highest = std::max(highest, static_cast<double>(alloc->job->priority));
    sum += alloc->job->priority;
  }
  const double net = highest > 0 ? highest + sum / highest : 0;
  return 1 / (1 + std::exp(steepness * (net - middle)));
}

}  // namespace caravan::scheduler
