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
  std::vector<std::uint32_t>& of_kind =
      full_[static_cast<std::size_t>(full_dimension(fleet_.seat(row)))];
  of_kind.resize(fleet_.kinds().size());
  ++of_kind[fleet_.seat(row).kind];
}

/// What filters nodes whatever runs on them.
model::AllocMetric Search::filtered() {
  model::AllocMetric metric;
  metric.node_pool = job_.node_pool;
  const auto note = [&](const model::Node& node, const std::string& reason, std::uint32_t nodes) {
    const int n = static_cast<int>(nodes);
    if (reason.empty()) return;
    metric.nodes_filtered += n;
    metric.constraint_filtered[reason] += n;
    if (!node.node_class.empty()) metric.class_filtered[node.node_class] += n;
  };
  const Column& datacenters = fleet_.column("${node.datacenter}");
  std::vector<int> available(datacenters.values.size());
  for (std::uint32_t kind = 0; kind < fleet_.kinds().size(); ++kind) {
    const Kind& k = fleet_.kinds()[kind];
    if (k.ready == 0 || !feasibility_.wants(kind)) continue;
    available[datacenters.ids[kind]] += static_cast<int>(k.ready);
    metric.nodes_evaluated += static_cast<int>(k.ready);
    if (!feasibility_.escaped()) note(*k.sample, feasibility_.reason_of_kind(kind), k.ready);
  }
  metric.nodes_in_pool = metric.nodes_evaluated;
  for (std::size_t id = 0; id < available.size(); ++id)
    if (available[id] > 0) metric.nodes_available[datacenters.values[id]] = available[id];
  if (!feasibility_.escaped()) return metric;
  for (Row row = 0; row < fleet_.size(); ++row)
    if (const Seat& seat = fleet_.seat(row); seat.ready && feasibility_.wants(seat.kind))
      note(*fleet_.node(row), feasibility_.reason(row), 1);
  return metric;
}

void Search::add_full(model::AllocMetric& metric) const {
  for (std::size_t dimension = 0; dimension < std::size(full_); ++dimension)
    for (std::size_t kind = 0; kind < full_[dimension].size(); ++kind) {
      const int n = static_cast<int>(full_[dimension][kind]);
      if (n == 0) continue;
      metric.nodes_exhausted += n;
      metric.dimension_exhausted[dimensions[dimension]] += n;
      const std::string& node_class = fleet_.kinds()[kind].sample->node_class;
      if (!node_class.empty()) metric.class_exhausted[node_class] += n;
    }
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

/// What keeps a candidate from taking one more copy.
void Search::note_node(model::AllocMetric& metric, Row row) {
  if (const std::string reason = distinct_reason(row); !reason.empty()) {
    ++metric.nodes_filtered;
    ++metric.constraint_filtered[reason];
    return;
  }
  const int full = full_dimension(fleet_.seat(row));
  const auto rejected = rejected_.find(row);
  if (full < 0 && rejected == rejected_.end()) return;
  ++metric.nodes_exhausted;
  ++metric.dimension_exhausted[full >= 0 ? dimensions[full] : rejected->second];
  const std::string& node_class = fleet_.node(row)->node_class;
  if (!node_class.empty()) ++metric.class_exhausted[node_class];
}

model::AllocMetric Search::why_not() {
  model::AllocMetric metric = filtered();
  for (Row row = 0; row < fleet_.size(); ++row)
    if (is_candidate(row)) note_node(metric, row);
  return metric;
}

model::AllocMetric Search::why_not(Row row) {
  model::AllocMetric metric = filtered();
  if (is_candidate(row)) note_node(metric, row);
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
