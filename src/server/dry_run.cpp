// SPDX-License-Identifier: Apache-2.0
#include "server/dry_run.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduler/tasks_updated.hpp"
#include "server/jobs.hpp"

namespace caravan::server {
namespace {

using model::DiffType;

model::Evaluation some_eval(const model::Job& job) {
  model::Evaluation eval;
  eval.id = base::EvalId(base::Uuid::from_random({1}));
  eval.ns = job.ns;
  eval.job_id = job.id;
  eval.priority = job.priority;
  eval.type = model::name_of(job.type);
  eval.triggered_by = model::triggered_by::job_register;
  eval.annotate_plan = true;
  return eval;
}

/// What the plan does to a group, in the words of the field.
std::map<std::string, std::uint64_t> updates_of(const model::DesiredUpdates& d) {
  std::map<std::string, std::uint64_t> updates = {
      {"ignore", d.ignore},   {"create", d.place},
      {"migrate", d.migrate}, {"in-place update", d.in_place},
      {"canary", d.canary},   {"create/destroy update", d.destructive},
      {"destroy", d.stop}};
  std::erase_if(updates, [](const auto& entry) { return entry.second == 0; });
  return updates;
}

void annotate_count(model::TaskGroupDiff& group) {
  for (model::FieldDiff& field : group.fields) {
    if (field.name != "Count" || field.type == DiffType::none) continue;
    const long long before = base::parse_int(field.old_value).value_or(0);
    const long long after = base::parse_int(field.new_value).value_or(0);
    field.annotations.emplace_back(after > before ? "forces create" : "forces destroy");
  }
}

void annotate_task(model::TaskDiff& task, bool replaces) {
  switch (task.type) {
    case DiffType::none:
      return;
    case DiffType::added:
      task.annotations.emplace_back("forces create");
      return;
    case DiffType::deleted:
      task.annotations.emplace_back("forces destroy");
      return;
    case DiffType::edited:
      task.annotations.emplace_back(replaces ? "forces create/destroy update"
                                             : "forces in-place update");
      return;
  }
}

model::JobDiff annotated_diff(const model::Job* before, const model::Job& after,
                              const model::PlanAnnotations& annotations) {
  model::JobDiff diff = model::diff(before, after);
  for (model::TaskGroupDiff& group : diff.groups) {
    const auto counts = annotations.desired_updates.find(group.name);
    if (counts != annotations.desired_updates.end()) group.updates = updates_of(counts->second);
    annotate_count(group);
    const bool replaces = before && scheduler::needs_replacement(*before, after, group.name);
    for (model::TaskDiff& task : group.tasks)
      annotate_task(task, replaces);
  }
  return diff;
}

}  // namespace

base::Result<DryRun> dry_run(const state::Tables& tables, scheduler::Fleet& fleet,
                             const DryRunRequest& request, base::Instant now) {
  const model::Job& job = request.job;
  if (std::string wrong = Jobs::complaints(job); !wrong.empty())
    return base::invalid(std::move(wrong));
  DryRun run;
  run.index = tables.index;
  run.warnings = base::join(model::warnings(job), "\n");
  const state::Ref<model::Job> before = tables.job(job.job_id());
  if (before) run.job_modify_index = before->job_modify_index;

  state::Tables copy = tables;
  WhatIf what_if(copy, now);
  for (const Supposition& supposition : request.suppositions)
    TRY_VOID(what_if.suppose(supposition));
  run.others = what_if.settle(job, true);
  state::Change change(copy, ++copy.index, now.unix_ns);
  const model::Evaluation eval = some_eval(job);
  wire::RegisterJob command;
  command.job = job;
  command.eval = eval;
  state::apply(change, command);
  scheduler::Outcome outcome = scheduler::schedule(copy, fleet, eval, now);
  wire::ApplyPlans plans;
  plans.plans.push_back(std::move(outcome.plan.result));
  state::apply(change, plans);
  std::ranges::move(what_if.settle(job, false), std::back_inserter(run.others));
  if (what_if.left_out() > 0)
    run.warnings += fmt::format("{}{} more jobs are affected and were not looked at",
                                run.warnings.empty() ? "" : "\n", what_if.left_out());
  run.annotations = std::move(outcome.annotations);
  run.failed_groups = std::move(outcome.failed_groups);
  if (request.with_diff) run.diff = annotated_diff(before.get(), job, run.annotations);
  return run;
}

}  // namespace caravan::server
