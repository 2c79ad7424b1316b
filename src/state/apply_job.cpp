// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

std::int64_t& count_of(model::JobChildren& children, model::JobStatus status) {
  switch (status) {
    case model::JobStatus::pending:
      return children.pending;
    case model::JobStatus::running:
      return children.running;
    case model::JobStatus::dead:
      return children.dead;
  }
  return children.dead;
}

/// Groups that are new get an empty row; rows of groups that are gone stay while they count
/// something.
model::JobSummary summary_for(const Change& change, const model::Job& job) {
  const Ref<model::JobSummary> old = change.tables().summary(job.job_id());
  model::JobSummary summary =
      old ? *old
          : model::JobSummary{.job_id = job.id, .ns = job.ns, .create_index = change.index()};
  if (!old)  // children of a parent that was purged are still its own
    for (const Ref<model::Job>& child : change.tables().children_of(job.job_id()))
      ++count_of(summary.children, child->status);
  for (const model::TaskGroup& group : job.groups)
    summary.groups.try_emplace(group.name);
  summary.modify_index = change.index();
  return summary;
}

void drop_old_versions(Change& change, const model::Job& job) {
  std::vector<JobVersionKey> keys;
  const auto note = [&](const JobVersionKey& key, const Ref<model::Job>& version) {
    if (key.first != job.job_id()) return false;
    if (!version->version_tag) keys.push_back(key);
    return true;
  };
  change.tables().job_versions.from({job.job_id(), 0}, note);
  for (std::size_t i = 0; i + job_versions_max < keys.size(); ++i)
    change.erase_version(keys[i]);
}

bool has_work(const Tables& tables, const base::JobId& id) {
  const Ref<model::JobSummary> summary = tables.summary(id);
  if (!summary) return false;
  return std::ranges::any_of(summary->groups, [](const auto& entry) {
    const model::TaskGroupSummary& s = entry.second;
    return s.running + s.starting + s.unknown_state > 0;
  });
}

model::JobStatus derive_status(const Tables& tables, const model::Job& job) {
  using enum model::JobStatus;
  const bool standing = job.type == model::JobType::system || job.is_parent();
  if (standing) return job.stop ? dead : running;
  if (has_work(tables, job.job_id())) return running;
  bool any_eval = false, open_eval = false;
  for (const Ref<model::Evaluation>& eval : tables.evals_of_job(job.job_id())) {
    any_eval = true;
    open_eval = open_eval || !eval->is_terminal();
  }
  if (open_eval) return pending;
  return job.stop || any_eval ? dead : pending;
}

/// Keeps the parent's count of its children; `before` is none for a new one. Those that were
/// collected stay counted as dead.
void count_child(Change& change, const model::Job& child, std::optional<model::JobStatus> before,
                 model::JobStatus after) {
  if (child.parent_id.empty() || before == after) return;
  const Ref<model::JobSummary> old = change.tables().summary({child.ns, child.parent_id});
  if (!old) return;
  model::JobSummary summary = *old;
  if (before) --count_of(summary.children, *before);
  ++count_of(summary.children, after);
  summary.modify_index = change.index();
  change.put(std::make_shared<const model::JobSummary>(std::move(summary)));
}

void note_launch(Change& change, const base::JobId& id, base::Instant time) {
  const Ref<wire::PeriodicLaunch>* old = change.tables().periodic_launches.find(id);
  auto launch = std::make_shared<wire::PeriodicLaunch>();
  launch->ns = id.ns;
  launch->job_id = id.id;
  launch->time = time;
  launch->create_index = old ? (*old)->create_index : change.index();
  launch->modify_index = change.index();
  change.put(Ref<wire::PeriodicLaunch>(launch));
}

bool may_be_born(const Tables& tables, const model::Job& child, const wire::Birth& birth) {
  const base::JobId parent_id{child.ns, child.parent_id};
  const Ref<model::Job> parent = tables.job(parent_id);
  if (!parent || parent->stop || tables.job(child.job_id())) return false;
  if (!birth.launch.is_zero() && tables.last_launch(parent_id) != birth.last_launch) return false;
  const std::string& token = child.dispatch_idempotency_token;
  return token.empty() || std::ranges::none_of(tables.children_of(parent_id), [&](const auto& job) {
           return job->dispatch_idempotency_token == token;
         });
}

/// What becomes periodic is due from now on, not for the times before.
bool begins_to_be_launched(const model::Job* old, const model::Job& job) {
  return job.is_launched_by_time() &&
         (!old || !old->is_launched_by_time() || old->periodic != job.periodic);
}

}  // namespace

void apply(Change& change, const wire::RegisterJob& c) {
  const base::JobId id = c.job.job_id();
  if (c.birth && !may_be_born(change.tables(), c.job, *c.birth)) return;
  if (c.birth && !c.birth->launch.is_zero())
    note_launch(change, {c.job.ns, c.job.parent_id}, c.birth->launch);
  const Ref<model::Job> old = change.tables().job(id);
  auto job = std::make_shared<model::Job>(c.job);
  job->modify_index = change.index();
  job->submit_time_ns = change.time_ns();
  job->create_index = old ? old->create_index : change.index();
  const bool changed = !old || old->stop != job->stop || !model::same_spec(*old, *job);
  // An unchanged specification keeps its version: allocations need not know that somebody asked
  // again.
  job->version = old ? old->version + (changed ? 1 : 0) : 0;
  job->job_modify_index = changed ? change.index() : old->job_modify_index;
  job->stable = !changed && old->stable;  // a new version has to prove itself
  if (!changed) {
    job->status = old->status;
    job->submit_time_ns = old->submit_time_ns;
    job->version_tag = old->version_tag;
  } else {
    job->version_tag.reset();
  }
  change.put(job);
  change.put_version(job);
  if (!c.source.empty()) change.put_source({id, job->version}, {c.source, c.source_format});
  drop_old_versions(change, *job);
  keep_policies(change, old.get(), *job);
  change.put(std::make_shared<const model::JobSummary>(summary_for(change, *job)));
  count_child(change, *job, old ? std::optional(old->status) : std::nullopt, job->status);
  if (begins_to_be_launched(old.get(), *job))
    note_launch(change, id, base::Instant{change.time_ns()});
  if (c.eval) {
    model::Evaluation eval = *c.eval;
    eval.job_modify_index = job->job_modify_index;
    upsert_evals(change, {eval});
  }
  refresh_job_status(change, id);
}

void apply(Change& change, const wire::DeregisterJob& c) {
  const base::JobId id{c.ns, c.job_id};
  const Ref<model::Job> old = change.tables().job(id);
  if (c.purge) {
    erase_job(change, id);
  } else if (old && !old->stop) {
    auto job = std::make_shared<model::Job>(*old);
    job->stop = true;
    job->stable = false;
    job->version_tag.reset();
    job->version = old->version + 1;
    job->modify_index = job->job_modify_index = change.index();
    job->submit_time_ns = change.time_ns();
    change.put(job);
    change.put_version(job);
    drop_old_versions(change, *job);
    keep_policies(change, old.get(), *job);
  }
  if (c.eval) {
    model::Evaluation eval = *c.eval;
    eval.job_modify_index = change.index();
    upsert_evals(change, {eval});
  }
  refresh_job_status(change, id);
}

namespace {

void put_tag(Change& change, const Ref<model::Job>& version,
             std::optional<model::JobVersionTag> tag) {
  if (!version || version->version_tag == tag) return;
  auto tagged = std::make_shared<model::Job>(*version);
  tagged->version_tag = std::move(tag);
  tagged->modify_index = change.index();
  change.put_version(tagged);
  const Ref<model::Job> current = change.tables().job(version->job_id());
  if (current && current->version == version->version) change.put(Ref<model::Job>(tagged));
}

}  // namespace

void apply(Change& change, const wire::TagJobVersion& c) {
  const base::JobId id{c.ns, c.job_id};
  const Ref<model::Job> bearer = change.tables().tagged_version(id, c.name);
  if (!c.tag) return put_tag(change, bearer, {});
  // A name that another version got meanwhile stays there.
  if (bearer && bearer->version != c.version) return;
  model::JobVersionTag tag = *c.tag;
  tag.tagged_time_ns = change.time_ns();
  put_tag(change, change.tables().job_version(id, c.version), std::move(tag));
}

void erase_job(Change& change, const base::JobId& id) {
  if (const Ref<model::Job> job = change.tables().job(id))
    count_child(change, *job, job->status, model::JobStatus::dead);
  change.erase_job(id);
}

void refresh_job_status(Change& change, const base::JobId& id) {
  const Ref<model::Job> job = change.tables().job(id);
  if (!job) return;
  const model::JobStatus status = derive_status(change.tables(), *job);
  if (status == job->status) return;
  auto updated = std::make_shared<model::Job>(*job);
  updated->status = status;
  updated->modify_index = change.index();
  change.put(updated);
  change.put_version(updated);
  count_child(change, *job, job->status, status);
}

}  // namespace caravan::state
