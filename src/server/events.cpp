// SPDX-License-Identifier: Apache-2.0
#include "server/events.hpp"

#include <algorithm>
#include <set>

namespace caravan::server {
namespace {

struct KindName {
  std::size_t kind;
  const char* type;
};

/// Commands by the name that their events bear. What has none here is no event.
constexpr KindName types[] = {
    {wire::kind_of<wire::RegisterJob>(), "JobRegistered"},
    {wire::kind_of<wire::ScaleJob>(), "JobRegistered"},
    {wire::kind_of<wire::DeregisterJob>(), "JobDeregistered"},
    {wire::kind_of<wire::Collect>(), "JobBatchDeregistered"},
    {wire::kind_of<wire::RegisterNode>(), "NodeRegistration"},
    {wire::kind_of<wire::PurgeNodes>(), "NodeDeregistration"},
    {wire::kind_of<wire::UpdateNodeStatus>(), "NodeStreamEvent"},
    {wire::kind_of<wire::UpdateNodeEligibility>(), "NodeEligibility"},
    {wire::kind_of<wire::UpdateNodeDrain>(), "NodeDrain"},
    {wire::kind_of<wire::UpdateAllocs>(), "AllocationUpdated"},
    {wire::kind_of<wire::TransitionAllocs>(), "AllocationUpdateDesiredStatus"},
    {wire::kind_of<wire::UpsertJobRestart>(), "AllocationUpdateDesiredStatus"},
    {wire::kind_of<wire::UpsertEvals>(), "EvaluationUpdated"},
    {wire::kind_of<wire::ApplyPlans>(), "PlanResult"},
    {wire::kind_of<wire::UpdateDeployment>(), "DeploymentStatusUpdate"},
    {wire::kind_of<wire::PromoteDeployment>(), "DeploymentPromotion"},
    {wire::kind_of<wire::SetAllocHealth>(), "DeploymentAllocHealth"},
    {wire::kind_of<wire::SetAllocServices>(), "ServiceRegistration"},
    {wire::kind_of<wire::DeleteService>(), "ServiceDeregistration"},
    {wire::kind_of<wire::UpsertNodePools>(), "NodePoolUpserted"},
    {wire::kind_of<wire::DeleteNodePools>(), "NodePoolDeleted"},
    {wire::kind_of<wire::UpsertAclPolicies>(), "ACLPolicyUpserted"},
    {wire::kind_of<wire::DeleteAclPolicies>(), "ACLPolicyDeleted"},
    {wire::kind_of<wire::UpsertAclTokens>(), "ACLTokenUpserted"},
    {wire::kind_of<wire::DeleteAclTokens>(), "ACLTokenDeleted"},
    {wire::kind_of<wire::BootstrapAcl>(), "ACLTokenUpserted"},
    {wire::kind_of<wire::UpsertAclRoles>(), "ACLRoleUpserted"},
    {wire::kind_of<wire::DeleteAclRoles>(), "ACLRoleDeleted"},
    {wire::kind_of<wire::UpsertAuthMethods>(), "ACLAuthMethodUpserted"},
    {wire::kind_of<wire::DeleteAuthMethods>(), "ACLAuthMethodDeleted"},
    {wire::kind_of<wire::UpsertBindingRules>(), "ACLBindingRuleUpserted"},
    {wire::kind_of<wire::DeleteBindingRules>(), "ACLBindingRuleDeleted"},
};

/// What follows the word, when the key begins with it: "job/" of "job/default/web".
std::optional<std::string> behind(const std::string& key, std::string_view word) {
  if (!key.starts_with(word)) return {};
  return key.substr(word.size());
}

/// "default/web", split at the first slash: ids of jobs may have more.
base::JobId in_namespace(const std::string& text) {
  const std::size_t slash = text.find('/');
  return {text.substr(0, slash), slash == std::string::npos ? "" : text.substr(slash + 1)};
}

std::string text_of(const base::Uuid& id) { return id.is_nil() ? "" : id.to_string(); }

class Reading {
 public:
  Reading(const Change& change, std::string type) : change_(change), type_(std::move(type)) {}

  std::vector<Event> run() {
    for (const std::string& key : *change_.touched)
      if (seen_.insert(key).second) read(key);
    return std::move(events_);
  }

 private:
  void read(const std::string& key) {
    if (const auto id = behind(key, "job/"))
      job(in_namespace(*id));
    else if (const auto id = behind(key, "eval/"))
      eval(base::EvalId::parse(*id).value_or(base::EvalId()));
    else if (const auto id = behind(key, "alloc/"))
      alloc(base::AllocId::parse(*id).value_or(base::AllocId()));
    else if (const auto id = behind(key, "deployment/"))
      deployment(base::DeploymentId::parse(*id).value_or(base::DeploymentId()));
    else if (const auto id = behind(key, "node/"))
      node(base::NodeId::parse(*id).value_or(base::NodeId()));
    else if (const auto name = behind(key, "node_pool/"))
      pool(*name);
    else if (const auto name = behind(key, "service/"))
      services(in_namespace(*name));
    else if (const auto name = behind(key, "acl_policy/"))
      access("ACLPolicy", *name, change_.after->acl_policy(*name),
             change_.before->acl_policy(*name));
    else if (const auto text = behind(key, "acl_token/"))
      of_id("ACLToken", *text, &state::Tables::acl_token);
    else if (const auto text = behind(key, "acl_role/"))
      of_id("ACLRole", *text, &state::Tables::acl_role);
    else if (const auto name = behind(key, "auth_method/"))
      access("ACLAuthMethod", *name, change_.after->auth_method(*name),
             change_.before->auth_method(*name));
    else if (const auto text = behind(key, "binding_rule/"))
      of_id("ACLBindingRule", *text, &state::Tables::binding_rule);
  }

  Event& add(const char* topic, std::string key, std::string ns, std::vector<std::string> filters) {
    Event& event = events_.emplace_back();
    event.topic = topic;
    event.type = type_;
    event.key = std::move(key);
    event.ns = std::move(ns);
    event.filter_keys = std::move(filters);
    return event;
  }
  /// The change wrote it, and did not only pass by.
  template <class T>
  bool wrote(const T& object) const {
    return object && object->modify_index == change_.index;
  }

  void job(const base::JobId& id) {
    const auto now = change_.after->job(id), then = change_.before->job(id);
    if (!wrote(now) && (now || !then)) return;
    Event& event = add("Job", id.id, id.ns, {});
    event.deleted = !now;
    event.object = now ? now : then;
  }
  void eval(const base::EvalId& id) {
    const auto eval = change_.after->eval(id);
    if (!wrote(eval)) return;
    add("Evaluation", id.to_string(), eval->ns, {eval->job_id, text_of(eval->deployment_id)})
        .object = eval;
  }
  void alloc(const base::AllocId& id) {
    const auto alloc = change_.after->alloc(id);
    if (!wrote(alloc)) return;
    add("Allocation", id.to_string(), alloc->job->ns,
        {alloc->job->id, text_of(alloc->deployment_id)})
        .object = alloc;
  }
  void deployment(const base::DeploymentId& id) {
    const auto deployment = change_.after->deployment(id);
    if (!wrote(deployment)) return;
    add("Deployment", id.to_string(), deployment->ns, {deployment->job_id}).object = deployment;
  }
  void node(const base::NodeId& id) {
    const auto now = change_.after->node(id), then = change_.before->node(id);
    if (!wrote(now) && (now || !then)) return;
    Event& event = add("Node", id.to_string(), "", {});
    event.deleted = !now;
    event.object = now ? now : then;
    if (!now) event.type = "NodeDeregistration";
  }
  void pool(const std::string& name) {
    const auto now = change_.after->node_pool(name), then = change_.before->node_pool(name);
    if (!wrote(now) && (now || !then)) return;
    Event& event = add("NodePool", name, "", {});
    event.deleted = !now;
    event.object = now ? now : then;
    event.type = now ? "NodePoolUpserted" : "NodePoolDeleted";
  }
  template <class T>
  void access(const char* topic, const std::string& key, const T& now, const T& then) {
    if (!wrote(now) && (now || !then)) return;
    Event& event = add(topic, key, "", {});
    event.deleted = !now;
    event.object = now ? now : then;
  }
  template <class Find>
  void of_id(const char* topic, const std::string& text, Find find) {
    const base::Uuid id = base::Uuid::parse(text).value_or(base::Uuid());
    access(topic, text, (change_.after.get()->*find)(id), (change_.before.get()->*find)(id));
  }
  void services(const base::JobId& name) {
    const auto now = change_.after->services_named(name.ns, name.id);
    for (const auto& service : now)
      if (wrote(service)) note(service, "ServiceRegistration", false);
    for (const auto& old : change_.before->services_named(name.ns, name.id))
      if (std::ranges::none_of(now, [&](const auto& s) { return s->id == old->id; }))
        note(old, "ServiceDeregistration", true);
  }
  void note(const state::Ref<model::ServiceRegistration>& service, const char* type, bool gone) {
    Event& event =
        add("Service", service->id, service->ns, {service->job_id, service->service_name});
    event.type = type;
    event.deleted = gone;
    event.object = service;
  }

  const Change& change_;
  std::string type_;
  std::set<std::string> seen_;
  std::vector<Event> events_;
};

}  // namespace

std::vector<Event> events_of(const Change& change) {
  const auto named = std::ranges::find(types, change.kind, &KindName::kind);
  if (named == std::end(types)) return {};
  return Reading(change, named->type).run();
}

}  // namespace caravan::server
