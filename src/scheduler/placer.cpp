// SPDX-License-Identifier: Apache-2.0
#include "scheduler/placer.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduler/constraint.hpp"

namespace caravan::scheduler {
namespace {

constexpr std::size_t scores_kept = 5;

std::string value_key(const std::string& group, const std::string& attribute) {
  return group + '\0' + attribute;
}

/// The constraints of a kind that hold for a group: the job's count every group, its own only
/// itself.
template <class Use>
void each_distinct(const model::Job& job, const model::TaskGroup& group, std::string_view operand,
                   Use use) {
  for (const model::Constraint& c : job.constraints)
    if (c.operand == operand) use(c, std::string());
  for (const model::Constraint& c : group.constraints)
    if (c.operand == operand) use(c, group.name);
}

bool scores_reach_beyond_a_node(const model::Job& job, const model::TaskGroup& group) {
  bool beyond = !job.spreads.empty() || !group.spreads.empty();
  each_distinct(job, group, "distinct_property", [&](const auto&, const auto&) { beyond = true; });
  return beyond;
}

}  // namespace

struct Placer::Seat {
  state::Ref<model::Node> node;
  model::Footprint capacity, used;
  std::map<std::string, int> copies;  // of this job, by group
  std::vector<state::Ref<model::Allocation>> stopping;
  std::vector<model::Allocation> planned;
  std::vector<base::AllocId> released;
  std::uint64_t tie = 0;
  std::uint64_t changes = 0;

  int copies_of_job() const {
    int n = 0;
    for (const auto& [group, count] : copies)
      n += count;
    return n;
  }
};

struct Placer::Search {
  struct Entry {
    double score;
    std::uint64_t tie;
    std::size_t seat;
    std::uint64_t changes;  // of the seat when it was scored
    bool operator<(const Entry& other) const {
      return score != other.score ? score < other.score : tie < other.tie;
    }
  };
  const model::TaskGroup& group;
  model::Footprint need;
  std::vector<std::size_t> feasible;
  std::priority_queue<Entry> heap;
  model::AllocMetric base;  // filtered counts, the same for every copy
};

Placer::Placer(const state::Tables& tables, const model::Job& job,
               std::vector<state::Ref<model::Node>> nodes, IdSource& ids)
    : tables_(tables), job_(job), ids_(ids), algorithm_(algorithm_of(tables, job)) {
  seats_.reserve(nodes.size());
  const std::uint64_t salt = ids_.draw();
  for (state::Ref<model::Node>& node : nodes) {
    Seat seat;
    seat.node = std::move(node);
    seat.capacity = model::capacity(*seat.node);
    seat.tie = base::hash64(seat.node->id.to_string(), salt);
    seat_of_.emplace(seat.node->id, seats_.size());
    for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_node(seat.node->id)) {
      if (alloc->client_terminal()) continue;
      if (alloc->server_terminal()) {
        seat.stopping.push_back(alloc);
        continue;
      }
      seat.used += model::footprint(alloc->task_group());
      count(seat, *alloc, 1);
      if (alloc->job->job_id() == job.job_id()) ++seat.copies[alloc->group];
    }
    seats_.push_back(std::move(seat));
  }
}

Placer::~Placer() = default;

void Placer::count(const Seat& seat, const model::Allocation& alloc, int by) {
  if (alloc.job->job_id() != job_.job_id()) return;
  const model::TaskGroup* group = job_.find_group(alloc.group);
  if (!group) return;
  const auto add = [&](const std::string& scope, const std::string& attribute) {
    if (const std::optional<std::string> value = resolve(attribute, *seat.node))
      by_value_[value_key(scope, attribute)][*value] += by;
  };
  each_distinct(job_, *group, "distinct_property",
                [&](const model::Constraint& c, const std::string& scope) { add(scope, c.left); });
  for (const model::Spread& s : job_.spreads)
    add(group->name, s.attribute);
  for (const model::Spread& s : group->spreads)
    add(group->name, s.attribute);
}

void Placer::release(const model::Allocation& alloc) {
  const auto found = seat_of_.find(alloc.node_id);
  if (found == seat_of_.end() || alloc.terminal()) return;
  Seat& seat = seats_[found->second];
  seat.used -= model::footprint(alloc.task_group());
  seat.released.push_back(alloc.id);
  count(seat, alloc, -1);
  if (alloc.job->job_id() == job_.job_id()) --seat.copies[alloc.group];
  ++seat.changes;
  for (auto& [name, search] : searches_)
    search.reset();
  searches_.clear();
}

void Placer::occupy(const model::Allocation& alloc) {
  const auto found = seat_of_.find(alloc.node_id);
  if (found == seat_of_.end()) return;
  Seat& seat = seats_[found->second];
  seat.used += model::footprint(alloc.task_group());
  seat.planned.push_back(alloc);
  ++seat.copies[alloc.group];
  count(seat, alloc, 1);
  ++seat.changes;
}

Feasibility& Placer::feasibility(const model::TaskGroup& group) {
  return feasibility_.try_emplace(group.name, job_, group).first->second;
}

Placer::Search& Placer::search_for(const model::TaskGroup& group) {
  std::unique_ptr<Search>& slot = searches_[group.name];
  if (slot) return *slot;
  slot = std::make_unique<Search>(Search{group, model::footprint(group), {}, {}, {}});
  Feasibility& feasible = feasibility(group);
  model::AllocMetric& metric = slot->base;
  metric.node_pool = job_.node_pool;
  metric.nodes_in_pool = static_cast<int>(seats_.size());
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const model::Node& node = *seats_[i].node;
    ++metric.nodes_available[node.datacenter];
    ++metric.nodes_evaluated;
    const std::string& reason = feasible.reason(node);
    if (reason.empty()) {
      slot->feasible.push_back(i);
      continue;
    }
    ++metric.nodes_filtered;
    ++metric.constraint_filtered[reason];
    if (!node.node_class.empty()) ++metric.class_filtered[node.node_class];
  }
  for (const std::size_t i : slot->feasible)
    slot->heap.push({score(seats_[i], group, {}).mean(), seats_[i].tie, i, seats_[i].changes});
  return *slot;
}

std::string Placer::full(const Seat& seat, const model::TaskGroup& group) const {
  const model::Footprint need = model::footprint(group);
  if (seat.used.cores + need.cores > seat.capacity.cores) return "cores";
  if (seat.used.cpu + need.cpu > seat.capacity.cpu) return "cpu";
  if (seat.used.memory_mb + need.memory_mb > seat.capacity.memory_mb) return "memory";
  if (seat.used.disk_mb + need.disk_mb > seat.capacity.disk_mb) return "disk";
  return "";
}

std::string Placer::distinct(const Seat& seat, const model::TaskGroup& group) const {
  std::string reason;
  each_distinct(job_, group, "distinct_hosts",
                [&](const model::Constraint& c, const std::string& scope) {
                  if (c.right == "false") return;
                  const auto own = seat.copies.find(group.name);
                  const int copies = scope.empty()              ? seat.copies_of_job()
                                     : own == seat.copies.end() ? 0
                                                                : own->second;
                  if (copies > 0) reason = "distinct_hosts";
                });
  each_distinct(
      job_, group, "distinct_property", [&](const model::Constraint& c, const std::string& scope) {
        const std::optional<std::string> value = resolve(c.left, *seat.node);
        if (!value)
          return static_cast<void>(reason = fmt::format("missing property \"{}\"", c.left));
        const int limit =
            static_cast<int>(base::parse_int(c.right.empty() ? "1" : c.right).value_or(1));
        const auto counts = by_value_.find(value_key(scope, c.left));
        if (counts == by_value_.end()) return;
        const auto used = counts->second.find(*value);
        if (used != counts->second.end() && used->second >= limit)
          reason = fmt::format("distinct_property: {}={} used by {} allocs", c.left, *value,
                               used->second);
      });
  return reason;
}

double Placer::spread_score(const Seat& seat, const model::TaskGroup& group) const {
  std::vector<const model::Spread*> spreads;
  for (const model::Spread& s : job_.spreads)
    spreads.push_back(&s);
  for (const model::Spread& s : group.spreads)
    spreads.push_back(&s);
  double weights = 0, total = 0;
  for (const model::Spread* s : spreads)
    weights += s->weight;
  for (const model::Spread* s : spreads) {
    const std::optional<std::string> value = resolve(s->attribute, *seat.node);
    if (!value) {
      total -= 1;
      continue;
    }
    static const std::map<std::string, int> none;
    const auto found = by_value_.find(value_key(group.name, s->attribute));
    const std::map<std::string, int>& counts = found == by_value_.end() ? none : found->second;
    const auto used = [&](const std::string& v) { return counts.contains(v) ? counts.at(v) : 0; };
    if (s->targets.empty()) {
      if (counts.empty()) continue;
      int low = used(*value), high = low;
      for (const auto& [v, n] : counts) {
        low = std::min(low, n);
        high = std::max(high, n);
      }
      const int mine = used(*value);
      if (mine != low)
        total += low == 0 ? -1.0 : static_cast<double>(low - mine) / low;
      else if (low == high)
        total += -1;
      else
        total += low == 0 ? 1.0 : static_cast<double>(high - low) / low;
      continue;
    }
    double rest = 100, percent = -1;
    for (const model::SpreadTarget& t : s->targets) {
      rest -= t.percent;
      if (t.value == *value) percent = t.percent;
    }
    if (percent < 0) percent = rest;  // the implicit target shares what is left
    const double desired = percent * group.count / 100.0;
    if (desired <= 0)
      total -= 1;
    else
      total += (desired - (used(*value) + 1)) / desired * s->weight / weights;
  }
  return total;
}

Score Placer::score(const Seat& seat, const model::TaskGroup& group,
                    const std::vector<base::NodeId>& avoid) const {
  model::Footprint with = seat.used;
  with += model::footprint(group);
  Score score;
  score.add("binpack", fit_score(with, seat.capacity, algorithm_));
  const auto copies = seat.copies.find(group.name);
  if (copies != seat.copies.end() && copies->second > 0)
    score.add("job-anti-affinity", anti_affinity_score(copies->second, group.count));
  if (std::ranges::find(avoid, seat.node->id) != avoid.end())
    score.add("node-reschedule-penalty", -1);
  if (const std::optional<double> affinity = affinity_score(job_, group, *seat.node))
    score.add("node-affinity", *affinity);
  if (!job_.spreads.empty() || !group.spreads.empty())
    if (const double spread = spread_score(seat, group); spread != 0)
      score.add("allocation-spread", spread);
  return score;
}

void Placer::note_exhausted(const Seat& seat, const std::string& dimension) {
  ++metrics_.nodes_exhausted;
  ++metrics_.dimension_exhausted[dimension];
  if (!seat.node->node_class.empty()) ++metrics_.class_exhausted[seat.node->node_class];
}

std::optional<Placement> Placer::seat(std::size_t index, Search& search, Score score) {
  Seat& seat = seats_[index];
  if (const std::string reason = distinct(seat, search.group); !reason.empty()) {
    ++metrics_.nodes_filtered;
    ++metrics_.constraint_filtered[reason];
    return {};
  }
  if (const std::string dimension = full(seat, search.group); !dimension.empty()) {
    note_exhausted(seat, dimension);
    return {};
  }
  PortMap ports(*seat.node);
  std::vector<int> free_cores;
  for (int core = 0; core < seat.capacity.cores; ++core)
    free_cores.push_back(core);
  const auto use = [&](const model::Allocation& alloc) {
    ports.take(alloc);
    for (const int core : alloc.reserved_cores)
      std::erase(free_cores, core);
  };
  for (const state::Ref<model::Allocation>& alloc : tables_.allocs_of_node(seat.node->id)) {
    if (alloc->terminal()) continue;
    if (std::ranges::find(seat.released, alloc->id) == seat.released.end())
      use(*alloc);
    else
      ports.avoid(*alloc);
  }
  for (const state::Ref<model::Allocation>& alloc : seat.stopping)
    ports.avoid(*alloc);
  for (const model::Allocation& alloc : seat.planned)
    use(alloc);
  auto assigned = ports.assign(search.group, ids_.draw());
  if (!assigned) {
    note_exhausted(seat, assigned.error());
    return {};
  }
  free_cores.resize(std::min(free_cores.size(), static_cast<std::size_t>(search.need.cores)));
  metrics_.score_meta.insert(metrics_.score_meta.begin(),
                             {seat.node->id, score.parts(), score.mean(), {}});
  if (metrics_.score_meta.size() > scores_kept) metrics_.score_meta.resize(scores_kept);
  return Placement{seat.node, *std::move(assigned), std::move(free_cores),
                   std::make_shared<const model::AllocMetric>(metrics_)};
}

std::optional<Placement> Placer::best_of_all(Search& search,
                                             const std::vector<base::NodeId>& avoid) {
  std::vector<std::pair<Search::Entry, Score>> ranked;
  for (const std::size_t i : search.feasible) {
    Score s = score(seats_[i], search.group, avoid);
    ranked.emplace_back(Search::Entry{s.mean(), seats_[i].tie, i, 0}, std::move(s));
  }
  std::ranges::sort(ranked, [](const auto& a, const auto& b) { return b.first < a.first; });
  for (auto& [entry, s] : ranked)
    if (std::optional<Placement> placed = seat(entry.seat, search, std::move(s))) return placed;
  return {};
}

std::optional<Placement> Placer::best_of_heap(Search& search) {
  std::vector<Search::Entry> unfit;  // full now; another group's stop may free them
  std::optional<Placement> placed;
  while (!search.heap.empty() && !placed) {
    Search::Entry top = search.heap.top();
    search.heap.pop();
    const Seat& candidate = seats_[top.seat];
    Score s = score(candidate, search.group, {});
    if (top.changes != candidate.changes) {
      search.heap.push({s.mean(), top.tie, top.seat, candidate.changes});
      continue;
    }
    unfit.push_back(top);
    placed = seat(top.seat, search, std::move(s));
  }
  for (const Search::Entry& entry : unfit)
    search.heap.push(entry);
  return placed;
}

std::optional<Placement> Placer::place(const model::TaskGroup& group,
                                       const std::vector<base::NodeId>& avoid) {
  Search& search = search_for(group);
  metrics_ = search.base;
  if (!avoid.empty() || scores_reach_beyond_a_node(job_, group)) return best_of_all(search, avoid);
  return best_of_heap(search);
}

std::optional<Placement> Placer::place_on(const model::TaskGroup& group, const base::NodeId& node) {
  Search& search = search_for(group);
  metrics_ = search.base;
  const auto found = seat_of_.find(node);
  if (found == seat_of_.end()) return {};
  if (!feasibility(group).reason(*seats_[found->second].node).empty()) return {};
  Score s = score(seats_[found->second], group, {});
  return seat(found->second, search, std::move(s));
}

}  // namespace caravan::scheduler
