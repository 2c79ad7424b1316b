// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

using model::Allocation;
using model::ClientStatus;

int& bucket(model::TaskGroupSummary& row, ClientStatus status) {
  switch (status) {
    case ClientStatus::pending:
      return row.starting;
    case ClientStatus::running:
      return row.running;
    case ClientStatus::complete:
      return row.complete;
    case ClientStatus::failed:
      return row.failed;
    case ClientStatus::lost:
      return row.lost;
    case ClientStatus::unknown:
      return row.unknown_state;
  }
  return row.lost;
}

void move_in_summary(Change& change, const Allocation* before, const Allocation& after) {
  if (!before) return count_new(change, after.job->job_id(), after.group, after.client_status, 1);
  const Ref<model::JobSummary> old = change.tables().summary(after.job->job_id());
  if (!old || before->client_status == after.client_status) return;
  model::JobSummary summary = *old;
  model::TaskGroupSummary& row = summary.groups[after.group];
  --bucket(row, before->client_status);
  ++bucket(row, after.client_status);
  summary.modify_index = change.index();
  change.put(std::make_shared<const model::JobSummary>(std::move(summary)));
}

/// Counts what a health report changes in the allocation's deployment.
void count_health(Change& change, const Allocation& before, const Allocation& after) {
  const Ref<model::Deployment> old = change.tables().deployment(after.deployment_id);
  // What another rollout knew of it is nothing that this one ever counted.
  const std::optional<bool> known =
      before.deployment_id == after.deployment_id ? before.health() : std::nullopt;
  if (!old || known == after.health()) return;
  auto deployment = std::make_shared<model::Deployment>(*old);
  const auto row = deployment->groups.find(after.group);
  if (row == deployment->groups.end()) return;
  const auto count = [&](std::optional<bool> health, int by) {
    if (!health) return;
    (*health ? row->second.healthy_allocs : row->second.unhealthy_allocs) += by;
  };
  count(known, -1);
  count(after.health(), 1);
  if (after.health() == true)  // progress was made: the deadline begins anew
    row->second.require_progress_by =
        base::Instant{change.time_ns()} + row->second.progress_deadline;
  deployment->modify_index = change.index();
  deployment->modify_time_ns = change.time_ns();
  change.put(Ref<model::Deployment>(deployment));
}

/// `number`: of all reports of the node; 0: not told.
void apply_report(Change& change, const base::NodeId& node, const wire::AllocReport& report,
                  std::uint64_t number) {
  const Ref<Allocation> old = change.tables().alloc(report.alloc_id);
  if (!old || old->node_id != node) return;
  // A report that was on its way over a connection that broke may come after the one that followed
  // it. (Found by ./dev sim --machines --seed 1795317310316.)
  if (number != 0 && number < old->last_report) return;
  // What was given up as lost stays lost, even when its node comes back and says otherwise.
  if (old->client_status == ClientStatus::lost) return;
  Allocation alloc = *old;
  set_client_status(change, alloc, report.client_status);
  // What has ended stays ended, whatever a node without numbers says.
  if (old->client_terminal() && !alloc.client_terminal()) return;
  if (number != 0) alloc.last_report = number;
  alloc.client_description = report.client_description;
  alloc.task_states = report.task_states;
  if (report.network_status) alloc.network_status = report.network_status;
  if (report.deployment_healthy && !alloc.deployment_id.is_nil()) {
    if (!alloc.deployment_status) alloc.deployment_status.emplace();
    alloc.deployment_status->healthy = report.deployment_healthy;
    alloc.deployment_status->timestamp = report.health_time;
    alloc.deployment_status->modify_index = change.index();
  }
  alloc.modify_time_ns = change.time_ns();
  put_alloc(change, old, std::move(alloc));
}

}  // namespace

void count_new(Change& change, const base::JobId& job, const std::string& group,
               ClientStatus status, int count) {
  const Ref<model::JobSummary> old = change.tables().summary(job);
  if (!old) return;
  model::JobSummary summary = *old;
  model::TaskGroupSummary& row = summary.groups[group];
  row.queued = std::max(0, row.queued - count);
  bucket(row, status) += count;
  summary.modify_index = change.index();
  change.put(std::make_shared<const model::JobSummary>(std::move(summary)));
}

void set_client_status(const Change& change, Allocation& alloc, ClientStatus status) {
  const bool worth_noting =
      alloc.client_status != status &&
      (status == ClientStatus::unknown || alloc.client_status == ClientStatus::unknown);
  alloc.client_status = status;
  if (!worth_noting) return;
  model::AllocState& state = alloc.states.emplace_back();
  state.value = model::name_of(status);
  state.time = base::Instant{change.time_ns()};
  if (alloc.states.size() > model::alloc_states_max) alloc.states.erase(alloc.states.begin());
}

void hear_again(Change& change, const base::NodeId& id) {
  for (const Ref<Allocation>& old : change.tables().allocs_of_node(id)) {
    if (old->client_status != ClientStatus::unknown) continue;
    const bool ran = std::ranges::any_of(old->task_states, [](const auto& entry) {
      return entry.second.state != model::TaskRunState::pending;
    });
    Allocation alloc = *old;
    set_client_status(change, alloc, ran ? ClientStatus::running : ClientStatus::pending);
    alloc.modify_time_ns = change.time_ns();
    put_alloc(change, old, std::move(alloc));
  }
}

void put_alloc(Change& change, Ref<Allocation> before, Allocation alloc) {
  alloc.modify_index = change.index();
  auto after = std::make_shared<const Allocation>(std::move(alloc));
  const base::JobId job = after->job->job_id();
  move_in_summary(change, before.get(), *after);
  if (before) count_health(change, *before, *after);
  const bool ended = after->client_terminal() && !(before && before->client_terminal());
  change.put(after);
  if (ended)
    for (const Ref<model::ServiceRegistration>& service :
         change.tables().services_of_alloc(after->id))
      change.erase_service({{service->ns, service->service_name}, service->id});
  if (!before || before->client_status != after->client_status ||
      before->desired_status != after->desired_status)
    refresh_job_status(change, job);
}

void apply(Change& change, const wire::UpdateAllocs& c) {
  if (c.restored != change.tables().restored_index) return change.refuse();
  for (const wire::AllocReport& report : c.reports)
    apply_report(change, c.node_id, report, c.number);
  upsert_evals(change, c.evals);
}

void apply(Change& change, const wire::TransitionAllocs& c) {
  for (const auto& [text, transition] : c.transitions) {
    const base::Result<base::AllocId> id = base::AllocId::parse(text);
    const Ref<Allocation> old = id ? change.tables().alloc(*id) : nullptr;
    if (!old) continue;
    Allocation alloc = *old;
    alloc.desired_transition = transition;
    if (alloc.desired_transition.restart) {  // its node is to hear of it
      alloc.desired_transition.restart->number = change.index();
      alloc.alloc_modify_index = change.index();
    }
    alloc.modify_time_ns = change.time_ns();
    put_alloc(change, old, std::move(alloc));
  }
  upsert_evals(change, c.evals);
}

void apply(Change& change, const wire::SetAllocServices& c) {
  const Ref<Allocation> alloc = change.tables().alloc(c.alloc_id);
  for (const Ref<model::ServiceRegistration>& old : change.tables().services_of_alloc(c.alloc_id)) {
    const bool kept = std::ranges::any_of(c.services, [&](const auto& s) {
      return s.id == old->id && s.service_name == old->service_name && s.ns == old->ns;
    });
    if (!kept) change.erase_service({{old->ns, old->service_name}, old->id});
  }
  if (!alloc || alloc->node_id != c.node_id || alloc->client_terminal()) return;
  for (const model::ServiceRegistration& given : c.services) {
    auto service = std::make_shared<model::ServiceRegistration>(given);
    const Ref<model::ServiceRegistration>* old =
        change.tables().services.find({{service->ns, service->service_name}, service->id});
    service->create_index = old ? (*old)->create_index : change.index();
    service->modify_index = change.index();
    change.put(Ref<model::ServiceRegistration>(service));
  }
}

void apply(Change& change, const wire::DeleteService& c) {
  std::optional<ServiceKey> found;
  change.tables().services.each([&](const ServiceKey& key, const Ref<model::ServiceRegistration>&) {
    if (key.first.first == c.ns && key.second == c.service_id) found = key;
  });
  if (found) change.erase_service(*found);
}

}  // namespace caravan::state
