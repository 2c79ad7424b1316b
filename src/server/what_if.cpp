// SPDX-License-Identifier: Apache-2.0
#include "server/what_if.hpp"

#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "state/store.hpp"

namespace caravan::server {
namespace {

constexpr std::size_t shown_max = 64;

std::string shown(const std::string& text) { return base::printable(text, shown_max); }

bool is_everywhere(const model::Job& job) {
  return job.type == model::JobType::system || job.type == model::JobType::sysbatch;
}

/// The number of what is added, as an id that no real node has: those are random.
base::NodeId made_up_id(std::uint32_t number) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes[15 - i] = static_cast<std::uint8_t>(number >> 8 * i);
  return base::NodeId(base::Uuid::from_random(bytes));
}

}  // namespace

base::Result<Supposition> parse_supposition(const std::string& text) {
  constexpr std::string_view down = "node-down=", add = "node-add=";
  if (text.starts_with(down) && text.size() > down.size())
    return Supposition{Supposition::Kind::node_down, text.substr(down.size())};
  if (!text.starts_with(add))
    return base::invalid(fmt::format(
        "\"{}\": neither node-down=<id or name> nor node-add=<class>:<count>", shown(text)));
  const std::string rest = text.substr(add.size());
  const std::size_t colon = rest.rfind(':');
  const base::Result<long long> count =
      base::parse_int(colon == std::string::npos ? "" : rest.substr(colon + 1));
  if (!count || *count < 1 || *count > nodes_added_max)
    return base::invalid(fmt::format("\"{}\": after the class comes a colon and a count of 1..{}",
                                     shown(text), nodes_added_max));
  return Supposition{Supposition::Kind::node_add, rest.substr(0, colon), static_cast<int>(*count)};
}

base::Status WhatIf::suppose(const Supposition& supposition) {
  if (supposition.kind == Supposition::Kind::node_down) return take_down(supposition.subject);
  return add(supposition.subject, supposition.count);
}

base::Status WhatIf::take_down(const std::string& name) {
  std::vector<base::NodeId> found;
  tables_.nodes.each([&](const base::NodeId& id, const state::Ref<model::Node>& node) {
    if (node->name == name || id.to_string() == name) found.push_back(id);
  });
  if (found.empty()) return base::invalid(fmt::format("node-down: no node \"{}\"", shown(name)));
  if (found.size() > 1)
    return base::invalid(fmt::format("node-down: {} nodes are called \"{}\"; give the id of one",
                                     found.size(), shown(name)));
  state::Change change(tables_, ++tables_.index, now_.unix_ns);
  wire::UpdateNodeStatus command;
  command.node_id = found[0];
  command.status = model::NodeStatus::down;
  state::apply(change, command);
  down_.push_back(found[0]);
  return {};
}

base::Status WhatIf::add(const std::string& node_class, int count) {
  state::Ref<model::Node> sample;
  tables_.nodes.each([&](const base::NodeId&, const state::Ref<model::Node>& node) {
    if (node->node_class == node_class && (!sample || (node->is_ready() && !sample->is_ready())))
      sample = node;
  });
  if (!sample)
    return base::invalid(
        fmt::format("node-add: no node has the class \"{}\", so there is none to be copied",
                    shown(node_class)));
  state::Change change(tables_, ++tables_.index, now_.unix_ns);
  for (int i = 0; i < count; ++i) {
    auto node = std::make_shared<model::Node>(*sample);
    node->id = made_up_id(++added_);
    node->name = fmt::format("what-if-{}", added_);
    node->attributes["unique.hostname"] = node->name;
    node->status = model::NodeStatus::ready;
    node->eligible = true;
    node->drain.reset();
    change.put(std::move(node));
  }
  return {};
}

/// Most important first.
std::vector<state::Ref<model::Job>> WhatIf::affected(const model::Job& asked) const {
  std::set<base::JobId> ids;
  for (const base::NodeId& node : down_)
    for (const state::Ref<model::Allocation>& alloc : tables_.allocs_of_node(node))
      if (!alloc->terminal()) ids.insert(alloc->job->job_id());
  std::vector<state::Ref<model::Job>> jobs;
  tables_.jobs.each([&](const base::JobId& id, const state::Ref<model::Job>& job) {
    if (id == asked.job_id() || job->stop || job->is_parent()) return;
    if (ids.contains(id) || (added_ > 0 && is_everywhere(*job))) jobs.push_back(job);
  });
  std::ranges::sort(jobs, {},
                    [](const auto& job) { return std::pair(-job->priority, job->job_id()); });
  return jobs;
}

Affected WhatIf::schedule(const model::Job& job) {
  model::Evaluation eval;
  eval.id = base::EvalId(base::Uuid::from_random({2, ++drawn_}));
  eval.ns = job.ns;
  eval.job_id = job.id;
  eval.priority = job.priority;
  eval.type = model::name_of(job.type);
  eval.triggered_by = model::triggered_by::node_update;
  scheduler::Outcome outcome = scheduler::schedule(tables_, eval, now_);
  Affected affected{job.job_id(), job.priority, static_cast<int>(outcome.plan.result.placed.size()),
                    static_cast<int>(outcome.plan.result.stopped.size()),
                    std::move(outcome.failed_groups)};
  wire::ApplyPlans plans;
  plans.plans.push_back(std::move(outcome.plan.result));
  state::Change change(tables_, ++tables_.index, now_.unix_ns);
  state::apply(change, plans);
  return affected;
}

std::vector<Affected> WhatIf::settle(const model::Job& asked, bool before) {
  std::vector<Affected> settled;
  for (const state::Ref<model::Job>& job : affected(asked)) {
    if ((job->priority > asked.priority) != before) continue;
    if (drawn_ < jobs_affected_max)
      settled.push_back(schedule(*job));
    else
      ++left_out_;
  }
  return settled;
}

}  // namespace caravan::server
