// SPDX-License-Identifier: Apache-2.0
// What users do to rollouts. Refusals are 400 and 404 where Nomad says 500; the words are its own.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

/// The deployment that the path names. A body may name it too, but no other one.
base::Result<base::DeploymentId> target(const Call& call, const json::Value& body) {
  TRY(const base::DeploymentId id, id_param<base::DeploymentId>(call, "deployment"));
  const std::string* named = body.at("DeploymentID").as_string();
  if (named && !named->empty() && *named != id.to_string())
    return base::invalid("Deployment ID does not match");
  return id;
}

base::Result<bool> bool_at(const json::Value& body, const char* key) {
  const json::Value& value = body.at(key);
  if (value.is_null()) return false;
  const bool* given = value.as_bool();
  if (!given) return base::invalid(std::string(key) + ": not a bool");
  return *given;
}

base::Result<std::vector<std::string>> words_at(const json::Value& body, const char* key) {
  std::vector<std::string> words;
  const json::Value& value = body.at(key);
  if (value.is_null()) return words;
  const json::Array* list = value.as_array();
  if (!list) return base::invalid(std::string(key) + ": not a list");
  for (const json::Value& each : *list) {
    const std::string* word = each.as_string();
    if (!word) return base::invalid(std::string(key) + ": not a list of strings");
    words.push_back(*word);
  }
  return words;
}

base::Result<std::vector<base::AllocId>> allocs_at(const json::Value& body, const char* key) {
  TRY(const std::vector<std::string> words, words_at(body, key));
  std::vector<base::AllocId> ids;
  for (const std::string& word : words) {
    const base::Result<base::AllocId> id = base::AllocId::parse(word);
    if (!id) return base::invalid(std::string(key) + ": " + id.error().message);
    ids.push_back(*id);
  }
  return ids;
}

class DeploymentActionPage {
 public:
  explicit DeploymentActionPage(server::DeploymentActions& actions) : actions_(actions) {}

  Task<Result> promote(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(const base::DeploymentId id, target(call, body));
    CO_TRY(const bool all, bool_at(body, "All"));
    CO_TRY(std::vector<std::string> groups, words_at(body, "Groups"));
    if (all == !groups.empty()) co_return base::invalid("must specify either All or Groups");
    CO_TRY(const server::DeploymentReply reply, co_await actions_.promote(id, std::move(groups)));
    co_return written(reply);
  }

  Task<Result> pause(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(const base::DeploymentId id, target(call, body));
    CO_TRY(const bool pauses, bool_at(body, "Pause"));
    CO_TRY(const server::DeploymentReply reply, co_await actions_.pause(id, pauses));
    co_return written(reply);
  }

  Task<Result> fail(Call& call) {
    json::Value body = json::Object{};
    if (!base::trim(call.request.body).empty()) {
      CO_TRY(body, body_object(call));
    }
    CO_TRY(const base::DeploymentId id, target(call, body));
    CO_TRY(const server::DeploymentReply reply, co_await actions_.fail(id));
    co_return written(reply);
  }

  Task<Result> set_health(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(const base::DeploymentId id, target(call, body));
    CO_TRY(std::vector<base::AllocId> healthy, allocs_at(body, "HealthyAllocationIDs"));
    CO_TRY(std::vector<base::AllocId> unhealthy, allocs_at(body, "UnhealthyAllocationIDs"));
    CO_TRY(const server::DeploymentReply reply,
           co_await actions_.set_health(id, std::move(healthy), std::move(unhealthy)));
    co_return written(reply);
  }

 private:
  static Answer written(const server::DeploymentReply& reply) {
    Answer answer;
    answer.index = reply.index;
    json::Object body = {{"EvalID", reply.eval_id ? reply.eval_id->to_string() : ""},
                         {"EvalCreateIndex", reply.eval_create_index},
                         {"DeploymentModifyIndex", reply.deployment_modify_index},
                         {"RevertedJobVersion", nullptr},
                         {"Index", reply.index}};
    if (reply.reverted_version) body["RevertedJobVersion"] = *reply.reverted_version;
    answer.body = json::to_string(body);
    return answer;
  }

  server::DeploymentActions& actions_;
};

}  // namespace

std::vector<Route> deployment_action_routes(server::DeploymentActions& actions) {
  const auto page = std::make_shared<DeploymentActionPage>(actions);
  const auto to = handlers_of(page);
  const auto on = [](Capability capability) { return Need(capability, Scope::deployment); };
  return {
      {"PUT POST", "/v1/deployment/promote/:id", on(Capability::promote_deployment),
       to(&DeploymentActionPage::promote)},
      {"PUT POST", "/v1/deployment/pause/:id", on(Capability::pause_deployment),
       to(&DeploymentActionPage::pause)},
      {"PUT POST", "/v1/deployment/fail/:id", on(Capability::fail_deployment),
       to(&DeploymentActionPage::fail)},
      {"PUT POST", "/v1/deployment/allocation-health/:id",
       on(Capability::set_alloc_health_deployment), to(&DeploymentActionPage::set_health)},
  };
}

}  // namespace caravan::api::nomad
