// SPDX-License-Identifier: Apache-2.0
// Why an evaluation or an allocation came out as it did: what was decided, as it was recorded, and
// how one more copy of each group would fare as the cluster is now. Ours; the peers have no such
// page. Computed on the pool: every node is asked.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "io/executor.hpp"
#include "scheduler/ids.hpp"
#include "scheduler/why.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

/// Nouns have one JSON form; here it stands within another document.
template <class Noun>
json::Value as_value(const Noun& noun) {
  return json::parse(wire::to_json(noun)).value_or(json::Value());
}

json::Object counts_json(const std::map<std::string, int>& counts) {
  json::Object object;
  for (const auto& [name, count] : counts)
    object[name] = count;
  return object;
}

json::Array texts_json(const std::vector<std::string>& texts) {
  return json::Array(texts.begin(), texts.end());
}

json::Value obstacle_json(const scheduler::Obstacle& obstacle) {
  json::Object object{{"Kind", scheduler::name_of(obstacle.kind)},
                      {"Subject", obstacle.subject},
                      {"Remedy", obstacle.remedy}};
  if (obstacle.kind == scheduler::Obstacle::Kind::amount) object["ShortBy"] = obstacle.short_by;
  if (!obstacle.holder.is_nil()) object["HeldBy"] = obstacle.holder.to_string();
  return object;
}

json::Value relaxation_json(const scheduler::Relaxation& relaxation) {
  json::Array obstacles;
  for (const scheduler::Obstacle& obstacle : relaxation.obstacles)
    obstacles.push_back(obstacle_json(obstacle));
  return json::Object{{"Text", relaxation.text()},
                      {"Nodes", relaxation.nodes},
                      {"NodeID", relaxation.node.to_string()},
                      {"NodeName", relaxation.node_name},
                      {"Obstacles", std::move(obstacles)}};
}

json::Object now_json(const scheduler::GroupWhy& why) {
  json::Array classes, candidates, relaxations;
  for (const scheduler::ClassWhy& c : why.classes)
    classes.push_back(json::Object{{"Class", c.node_class},
                                   {"Nodes", c.nodes},
                                   {"Fitting", c.fitting},
                                   {"Obstacles", counts_json(c.obstacles)}});
  for (const scheduler::Scored& c : why.candidates) {
    json::Object candidate{{"NodeName", c.name}, {"Class", c.node_class}};
    const json::Value score = as_value(c.score);
    for (const json::Member& member : *score.as_object())
      candidate[member.name] = member.value;
    candidates.push_back(std::move(candidate));
  }
  for (const scheduler::Relaxation& r : why.relaxations)
    relaxations.push_back(relaxation_json(r));
  return json::Object{{"Nodes", why.nodes},
                      {"Fitting", why.fitting},
                      {"Classes", std::move(classes)},
                      {"Candidates", std::move(candidates)},
                      {"Relaxations", std::move(relaxations)},
                      {"QuotaExhausted", texts_json(why.quota_exhausted)},
                      {"WaitsFor", texts_json(why.waits_for)}};
}

/// The allocations of one evaluation in a group, with the scores that they got.
json::Array placements_json(const state::Tables& tables, const model::Evaluation& eval,
                            const std::string& group) {
  json::Array placements;
  for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_eval(eval.id))
    if (alloc->group == group)
      placements.push_back(json::Object{{"AllocID", alloc->id.to_string()},
                                        {"Name", alloc->name()},
                                        {"NodeName", alloc->node_name},
                                        {"Score", as_value(alloc->score.named(alloc->node_id))}});
  return placements;
}

json::Value group_json(const state::Tables& tables, scheduler::Fleet& fleet, const model::Job& job,
                       const model::TaskGroup& group, const model::Evaluation& eval) {
  const auto failed = eval.failed_groups.find(group.name);
  const auto queued = eval.queued_allocations.find(group.name);
  scheduler::IdSource ids(eval.id, tables.index);
  json::Array placements = placements_json(tables, eval, group.name);
  return json::Object{
      {"Name", group.name},
      {"Count", group.count},
      {"Queued", queued == eval.queued_allocations.end() ? 0 : queued->second},
      {"Failed", failed == eval.failed_groups.end() ? json::Value() : as_value(failed->second)},
      {"Placed", std::move(placements)},
      {"Now", now_json(scheduler::explain(tables, fleet, job, group, nullptr, ids.draw()))}};
}

json::Object head_json(const state::Tables& tables, const model::Evaluation& eval) {
  return {{"EvalID", eval.id.to_string()},
          {"Namespace", eval.ns},
          {"JobID", eval.job_id},
          {"Type", eval.type},
          {"Status", model::name_of(eval.status)},
          {"StatusDescription", eval.status_description},
          {"TriggeredBy", eval.triggered_by},
          {"BlockedEval", eval.blocked_eval.is_nil() ? "" : eval.blocked_eval.to_string()},
          {"SnapshotIndex", eval.snapshot_index},
          {"Index", tables.index}};
}

/// On the pool. Errors: not_found.
Task<base::Result<json::Value>> why_eval(state::Snapshot tables, base::EvalId id) {
  const state::Ref<model::Evaluation> eval = tables->eval(id);
  if (!eval) co_return base::fail(base::Code::not_found, "eval not found");
  json::Object page = head_json(*tables, *eval);
  json::Array groups;
  const state::Ref<model::Job> job = tables->job(eval->job());
  if (job && !job->stop) {
    scheduler::Fleet fleet(*tables);
    for (const model::TaskGroup& group : job->groups)
      groups.push_back(group_json(*tables, fleet, *job, group, *eval));
  }
  page["JobStopped"] = !job || job->stop;
  page["Groups"] = std::move(groups);
  co_return page;
}

Task<base::Result<json::Value>> why_alloc(state::Snapshot tables, base::AllocId id) {
  const state::Ref<model::Allocation> alloc = tables->alloc(id);
  if (!alloc) co_return base::fail(base::Code::not_found, "alloc not found");
  scheduler::Fleet fleet(*tables);
  scheduler::IdSource ids(alloc->eval_id, tables->index);
  const scheduler::GroupWhy now =
      scheduler::explain(*tables, fleet, *alloc->job, alloc->task_group(), alloc.get(), ids.draw());
  co_return json::Object{{"AllocID", alloc->id.to_string()},
                         {"Name", alloc->name()},
                         {"Namespace", alloc->job->ns},
                         {"JobID", alloc->job->id},
                         {"JobVersion", alloc->job->version},
                         {"TaskGroup", alloc->group},
                         {"EvalID", alloc->eval_id.to_string()},
                         {"NodeID", alloc->node_id.to_string()},
                         {"NodeName", alloc->node_name},
                         {"DesiredStatus", model::name_of(alloc->desired_status)},
                         {"DesiredDescription", alloc->desired_description},
                         {"ClientStatus", model::name_of(alloc->client_status)},
                         {"Decided", as_value(alloc->placement_metrics())},
                         {"Now", now_json(now)},
                         {"Index", tables->index}};
}

class WhyPage {
 public:
  WhyPage(const Readers& readers, io::Executor& executor)
      : readers_(readers), executor_(executor) {}

  Task<Result> eval(Call& call) {
    CO_TRY(const base::EvalId id, id_param<base::EvalId>(call, "eval"));
    const state::Snapshot tables = readers_.store.snapshot();
    const auto pool = executor_.lane(io::Lane::pool);
    CO_TRY(const json::Value page, co_await io::on(pool, why_eval(tables, id)));
    co_return answer(page, tables->index);
  }

  Task<Result> alloc(Call& call) {
    CO_TRY(const base::AllocId id, id_param<base::AllocId>(call, "alloc"));
    const state::Snapshot tables = readers_.store.snapshot();
    const auto pool = executor_.lane(io::Lane::pool);
    CO_TRY(const json::Value page, co_await io::on(pool, why_alloc(tables, id)));
    co_return answer(page, tables->index);
  }

 private:
  static Answer answer(const json::Value& page, std::uint64_t index) {
    Answer answer;
    answer.body = json::to_string(page);
    answer.index = index;
    answer.is_read = true;
    return answer;
  }

  Readers readers_;
  io::Executor& executor_;
};

}  // namespace

std::vector<Route> why_routes(const Readers& readers, io::Executor& executor) {
  const auto page = std::make_shared<WhyPage>(readers, executor);
  const auto to = handlers_of(page);
  return {{"GET",
           "/v1/evaluation/:id/why",
           {Capability::read_job, Scope::evaluation},
           to(&WhyPage::eval)},
          {"GET",
           "/v1/allocation/:id/why",
           {Capability::read_job, Scope::allocation},
           to(&WhyPage::alloc)}};
}

}  // namespace caravan::api::nomad
