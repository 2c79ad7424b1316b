// SPDX-License-Identifier: Apache-2.0
// What a search tells users: how many nodes were there, what filtered them, what was full.
#include <fmt/core.h>

#include "scheduler/search.hpp"

namespace caravan::scheduler {
namespace {

constexpr std::size_t scores_kept = 5;
constexpr const char* dimensions[] = {"cores", "cpu", "memory", "disk"};

}  // namespace

int Search::full_dimension(const Seat& seat) const {
  if (need_.cores > seat.free.cores) return 0;
  if (need_.cpu > seat.free.cpu) return 1;
  if (need_.memory_mb > seat.free.memory_mb) return 2;
  return need_.disk_mb > seat.free.disk_mb ? 3 : -1;
}

void Search::note_full(Row row) {
  const Seat& seat = fleet_.seat(row);
  std::vector<std::uint32_t>& of_kind = full_[static_cast<std::size_t>(full_dimension(seat))];
  of_kind.resize(fleet_.kinds().size());
  ++of_kind[seat.kind];
}

/// What filters nodes whatever runs on them.
model::AllocMetric Search::filtered() {
  model::AllocMetric metric;
  metric.node_pool = job_.node_pool;
  const Column& datacenters = fleet_.column("${node.datacenter}");
  const Column& classes = fleet_.column("${node.class}");
  std::vector<int> available(datacenters.values.size()), of_class(classes.values.size());
  std::map<const std::string*, int> by_reason;
  const auto note = [&](std::uint32_t kind, const std::string& reason, int nodes) {
    if (reason.empty()) return;
    metric.nodes_filtered += nodes;
    by_reason[&reason] += nodes;
    of_class[classes.ids[kind]] += nodes;
  };
  for (std::uint32_t kind = 0; kind < fleet_.kinds().size(); ++kind) {
    const int ready = static_cast<int>(fleet_.kinds()[kind].ready);
    if (ready == 0 || !feasibility_.wants(kind)) continue;
    available[datacenters.ids[kind]] += ready;
    metric.nodes_evaluated += ready;
    if (!feasibility_.escaped()) note(kind, feasibility_.reason_of_kind(kind), ready);
  }
  if (feasibility_.escaped())
    for (Row row = 0; row < fleet_.size(); ++row)
      if (const Seat& seat = fleet_.seat(row); seat.ready && feasibility_.wants(seat.kind))
        note(seat.kind, feasibility_.reason(row), 1);
  metric.nodes_in_pool = metric.nodes_evaluated;
  for (const auto& [reason, nodes] : by_reason)
    metric.constraint_filtered[*reason] += nodes;
  for (std::size_t id = 0; id < available.size(); ++id)
    if (available[id] > 0) metric.nodes_available[datacenters.values[id]] = available[id];
  for (const std::string& name : job_.datacenters)  // one that is named and has none is told
    if (name.find('*') == std::string::npos) metric.nodes_available.try_emplace(name, 0);
  for (std::size_t id = 1; id < of_class.size(); ++id)
    if (of_class[id] > 0 && !classes.values[id].empty())
      metric.class_filtered[classes.values[id]] = of_class[id];
  return metric;
}

void Search::add_full(model::AllocMetric& metric) {
  const Column& classes = fleet_.column("${node.class}");
  std::vector<int> by_class(classes.values.size());
  for (std::size_t dimension = 0; dimension < std::size(full_); ++dimension) {
    int nodes = 0;
    for (std::size_t kind = 0; kind < full_[dimension].size(); ++kind) {
      const int n = static_cast<int>(full_[dimension][kind]);
      nodes += n;
      by_class[classes.ids[kind]] += n;
    }
    if (nodes == 0) continue;
    metric.nodes_exhausted += nodes;
    metric.dimension_exhausted[dimensions[dimension]] += nodes;
  }
  for (std::size_t id = 1; id < by_class.size(); ++id)
    if (by_class[id] > 0 && !classes.values[id].empty())
      metric.class_exhausted[classes.values[id]] += by_class[id];
}

std::string Search::distinct_reason(Row row) const {
  std::string reason;
  if (!is_distinct(row)) reason = "distinct_hosts";
  for (const Limit& limit : limits_) {
    const Column& column = *limit.tally->column;
    const std::uint32_t id = column.at(row, fleet_.seat(row).kind);
    if (id == 0)
      reason = fmt::format("missing property \"{}\"", limit.tally->attribute);
    else if (limit.tally->counts[id] >= limit.most)
      reason = fmt::format("distinct_property: {}={} used by {} allocs", limit.tally->attribute,
                           column.values[id], limit.tally->counts[id]);
  }
  return reason;
}

/// Counts what keeps a candidate from taking one more copy; those that are full are counted apart.
void Search::note_node(model::AllocMetric& metric, Row row) {
  const bool may_be_near = !limits_.empty() || distinct_in_job_ || distinct_in_group_;
  if (const std::string reason = may_be_near ? distinct_reason(row) : ""; !reason.empty()) {
    ++metric.nodes_filtered;
    ++metric.constraint_filtered[reason];
    return;
  }
  if (!fits(fleet_.seat(row))) return note_full(row);
  const auto rejected = rejected_.find(row);
  if (rejected == rejected_.end()) return;
  ++metric.nodes_exhausted;
  ++metric.dimension_exhausted[rejected->second];
  const std::string& node_class = fleet_.node(row)->node_class;
  if (!node_class.empty()) ++metric.class_exhausted[node_class];
}

model::AllocMetric Search::why_not() {
  model::AllocMetric metric = filtered();
  for (std::vector<std::uint32_t>& of_kind : full_)
    of_kind.clear();
  for (Row row = 0; row < fleet_.size(); ++row)
    if (is_candidate(row)) note_node(metric, row);
  add_full(metric);
  return metric;
}

model::AllocMetric Search::why_not(Row row) {
  model::AllocMetric metric = filtered();
  for (std::vector<std::uint32_t>& of_kind : full_)
    of_kind.clear();
  if (is_candidate(row)) note_node(metric, row);
  add_full(metric);
  return metric;
}

std::shared_ptr<const model::AllocMetric> Search::metrics(std::size_t expected) {
  if (metrics_) return metrics_;
  auto metric = std::make_shared<model::AllocMetric>(filtered());
  std::vector<Row> shown;
  while (expected > 0 && shown.size() < scores_kept) {
    const std::optional<Found> next = best({}, expected);
    if (!next) break;
    shown.push_back(next->row);
    metric->score_meta.push_back(next->parts.named(fleet_.node(next->row)->id));
    ++versions_[next->row];  // the next one is looked for without it
  }
  for (const Row row : shown)
    enter(row);
  add_full(*metric);
  return metrics_ = std::move(metric);
}

}  // namespace caravan::scheduler
