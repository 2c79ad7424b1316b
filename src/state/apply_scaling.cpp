// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

void put_policy(Change& change, const model::Job& job, const model::TaskGroup& group) {
  auto policy = std::make_shared<model::ScalingPolicy>(*group.scaling);
  policy->target = {{"Namespace", job.ns}, {"Job", job.id}, {"Group", group.name}};
  const Ref<model::ScalingPolicy>* old = change.tables().scaling_policies.find(policy->id);
  policy->create_index = old ? (*old)->create_index : change.index();
  policy->modify_index = old ? (*old)->modify_index : change.index();
  if (old && **old == *policy) return;
  policy->modify_index = change.index();
  change.put(Ref<model::ScalingPolicy>(policy));
}

/// A copy of the job with the group's count as the command wants it; nothing when that is not to
/// be.
std::optional<model::Job> rescaled(const Change& change, const wire::ScaleJob& c) {
  const Ref<model::Job> job = change.tables().job({c.ns, c.job_id});
  if (!job || job->stop || (c.expected_index && *c.expected_index != job->job_modify_index))
    return {};
  model::Job scaled = *job;
  for (model::TaskGroup& group : scaled.groups)
    if (group.name == c.group) {
      group.count = static_cast<int>(*c.event.count);
      return scaled;
    }
  return {};
}

void note_event(Change& change, const wire::ScaleJob& c) {
  const base::JobId id{c.ns, c.job_id};
  if (!change.tables().job(id)) return;
  const Ref<model::JobScaling>* old = change.tables().scaling_events.find(id);
  auto scaling =
      old ? std::make_shared<model::JobScaling>(**old)
          : std::make_shared<model::JobScaling>(model::JobScaling{.ns = c.ns, .job_id = c.job_id});
  std::vector<model::ScalingEvent>& events = scaling->events[c.group];
  model::ScalingEvent event = c.event;
  event.time_ns = static_cast<std::uint64_t>(change.time_ns());
  event.create_index = change.index();
  events.insert(events.begin(), std::move(event));
  if (events.size() > model::scaling_events_max) events.resize(model::scaling_events_max);
  scaling->modify_index = change.index();
  change.put(Ref<model::JobScaling>(scaling));
}

}  // namespace

void keep_policies(Change& change, const model::Job* before, const model::Job& job) {
  const auto kept = [&](const std::string& id) {
    return !job.stop && std::ranges::any_of(job.groups, [&](const model::TaskGroup& group) {
      return group.scaling && group.scaling->id == id;
    });
  };
  if (before)
    for (const model::TaskGroup& group : before->groups)
      if (group.scaling && !kept(group.scaling->id)) change.erase_scaling_policy(group.scaling->id);
  if (job.stop) return;
  for (const model::TaskGroup& group : job.groups)
    if (group.scaling && !group.scaling->id.empty()) put_policy(change, job, group);
}

void apply(Change& change, const wire::ScaleJob& c) {
  if (c.event.count) {
    std::optional<model::Job> job = rescaled(change, c);
    if (!job) return;
    wire::RegisterJob registration;
    if (const Ref<JobText>* source =
            change.tables().job_sources.find({job->job_id(), job->version})) {
      registration.source = (*source)->text;
      registration.source_format = (*source)->format;
    }
    registration.job = *std::move(job);
    registration.eval = c.eval;
    apply(change, registration);
  }
  note_event(change, c);
}

}  // namespace caravan::state
