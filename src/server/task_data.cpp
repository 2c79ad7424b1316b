// SPDX-License-Identifier: Apache-2.0
#include "server/task_data.hpp"

#include <map>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "json/writer.hpp"
#include "server/service_choice.hpp"
#include "server/task_proof.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using acl::Capability;
using state::Tables;
using Service = state::Ref<model::ServiceRegistration>;

constexpr base::Duration wait_max = 60s;
constexpr std::size_t questions_max = 1024;
/// Above the index of every answer.
constexpr std::uint64_t refused = std::uint64_t{1} << 62;

/// "path" or "path@namespace".
model::VariableKey variable_key(const std::string& argument, const std::string& ns) {
  const std::size_t at = argument.find('@');
  if (at == std::string::npos) return {ns, argument};
  return {argument.substr(at + 1), argument.substr(0, at)};
}

json::Value service_json(const model::ServiceRegistration& s) {
  json::Array tags;
  for (const std::string& tag : s.tags)
    tags.push_back(tag);
  return json::Object{{"ID", s.id},
                      {"Name", s.service_name},
                      {"Node", s.node_id.to_string()},
                      {"Address", s.address},
                      {"Port", s.port},
                      {"Tags", tags},
                      {"JobID", s.job_id},
                      {"AllocID", s.alloc_id.to_string()},
                      {"Datacenter", s.datacenter},
                      {"Namespace", s.ns}};
}

std::string first_of(const wire::TaskQuestion& question) {
  return question.arguments.empty() ? "" : question.arguments[0];
}

/// nomadService "name", or nomadService count "key" "name".
base::Result<json::Value> service_list(const Tables& tables, const std::string& ns,
                                       const std::vector<std::string>& arguments) {
  if (arguments.size() != 1 && arguments.size() != 3)
    return base::invalid("nomadService: takes a name, or a count, a key and a name");
  std::vector<Service> found = tables.services_named(ns, arguments.back());
  if (arguments.size() == 3) {
    const base::Result<long long> count = base::parse_int(arguments[0]);
    if (!count || *count < 1) return base::invalid("nomadService: the count is no number above 0");
    found = choose(std::move(found), static_cast<std::size_t>(*count), arguments[1]);
  }
  json::Array list;
  for (const Service& service : found)
    list.push_back(service_json(*service));
  return json::Value(std::move(list));
}

base::Result<json::Value> services_of(const Tables& tables, const std::string& ns) {
  std::map<std::string, std::set<std::string>> tags_of;
  tables.services.from({{ns, ""}, ""}, [&](const auto& key, const Service& service) {
    if (key.first.first != ns) return false;
    tags_of[service->service_name].insert(service->tags.begin(), service->tags.end());
    return true;
  });
  json::Array list;
  for (const auto& [name, tags] : tags_of) {
    json::Array shown;
    for (const std::string& tag : tags)
      shown.push_back(tag);
    list.push_back(json::Object{{"Name", name}, {"Tags", std::move(shown)}});
  }
  return json::Value(std::move(list));
}

/// Who asks, when the node proves that it runs the task.
base::Result<acl::Workload> check(const Tables& tables, const wire::TaskDataRequest& request) {
  TRY(const state::Ref<model::Allocation> alloc,
      prove_task(tables, request.node_id, request.secret_id, request.alloc_id, request.task));
  return acl::workload_of(*alloc, request.task);
}

std::vector<std::string> keys_of(const acl::Workload& by,
                                 const std::vector<wire::TaskQuestion>& questions) {
  std::vector<std::string> keys = {state::key::table(state::Table::acl_policies)};
  for (const wire::TaskQuestion& question : questions)
    if (asks_registry(question.kind))
      std::ranges::move(watched_in_registry(question), std::back_inserter(keys));
    else if (question.kind == "nomadVar")
      keys.push_back(state::key::variable(variable_key(first_of(question), by.ns)));
    else if (question.kind == "nomadVarList")
      keys.push_back(state::key::table(state::Table::variables));
    else if (question.kind == "nomadService" && !question.arguments.empty())
      keys.push_back(state::prefix::service(by.ns, question.arguments.back()));
    else
      keys.push_back(state::key::table(state::Table::services));
  return keys;
}

}  // namespace

struct TaskData::Look {
  const Tables& tables;
  const acl::Workload& by;
  acl::Permissions permissions;
  bool guarded;
  base::NodeId node;

  bool allows(Capability capability, const model::VariableKey& key) const {
    return !guarded || permissions.allows_variable(capability, key.first, key.second);
  }
};

base::Result<TaskData::Found> TaskData::variable(const Look& look,
                                                 const wire::TaskQuestion& question) const {
  const model::VariableKey key = variable_key(first_of(question), look.by.ns);
  if (!look.allows(Capability::variable_read, key))
    return base::fail(base::Code::denied, "the task may not read it");
  const state::Ref<model::Variable> variable = look.tables.variable(key);
  if (!variable) return Found{json::Value(), look.tables.index_of(state::Table::variables)};
  TRY(const model::VariableItems items, variables_.open(look.tables, *variable));
  json::Object shown;
  for (const auto& [name, value] : items)
    shown[name] = value;
  return Found{std::move(shown), variable->modify_index};
}

base::Result<TaskData::Found> TaskData::variable_list(const Look& look,
                                                      const wire::TaskQuestion& question) const {
  const model::VariableKey from = variable_key(first_of(question), look.by.ns);
  json::Array list;
  look.tables.variables.from(from, [&](const model::VariableKey& key, const auto& variable) {
    if (key.first != from.first || !key.second.starts_with(from.second)) return false;
    if (look.allows(Capability::variable_list, key))
      list.push_back(json::Object{{"Namespace", key.first},
                                  {"Path", key.second},
                                  {"CreateIndex", variable->create_index},
                                  {"ModifyIndex", variable->modify_index}});
    return true;
  });
  return Found{std::move(list), look.tables.index_of(state::Table::variables)};
}

base::Result<TaskData::Found> TaskData::find(const Look& look,
                                             const wire::TaskQuestion& question) const {
  if (question.kind == "nomadVar") return variable(look, question);
  if (question.kind == "nomadVarList") return variable_list(look, question);
  if (question.kind == "nomadServices") {
    TRY(json::Value list, services_of(look.tables, look.by.ns));
    return Found{std::move(list), look.tables.index_of(state::Table::services)};
  }
  if (question.kind == "nomadService") {
    TRY(json::Value list, service_list(look.tables, look.by.ns, question.arguments));
    const std::string watched = state::prefix::service(look.by.ns, question.arguments.back());
    return Found{std::move(list), look.tables.index_of_prefix(watched)};
  }
  if (asks_registry(question.kind))
    return find_in_registry(look.tables,
                            {look.guarded ? &look.permissions : nullptr, look.node, datacenter_},
                            question);
  return base::fail(base::Code::unsupported, "the function is not built yet");
}

wire::TaskDataReply TaskData::answer(const Tables& tables, const acl::Workload& by,
                                     const wire::TaskDataRequest& asked, bool& differs) const {
  std::vector<std::string> names;
  const Look look{tables, by, acl::permissions_of(tables, by, names), guarded_, asked.node_id};
  wire::TaskDataReply reply;
  for (const wire::TaskQuestion& question : asked.questions) {
    const base::Result<Found> found = find(look, question);
    wire::TaskAnswer& answer = reply.answers.emplace_back();
    // A refusal is looked at again when who may read what has changed.
    answer.index = found ? found->index : refused + tables.index_of(state::Table::acl_policies);
    if (!found)
      answer.refusal = found.error().message;
    else if (!found->value.is_null())
      answer.json = json::to_string(found->value);
    differs = differs || answer.index != question.index;
  }
  return reply;
}

io::Task<base::Result<std::string>> TaskData::read(std::string request) const {
  CO_TRY(const wire::TaskDataRequest asked, wire::decode<wire::TaskDataRequest>(request));
  if (asked.questions.size() > questions_max)
    co_return base::invalid(
        fmt::format("templates of one task ask at most {} questions, and these {}", questions_max,
                    asked.questions.size()));
  CO_TRY(const acl::Workload by, check(*store_.snapshot(), asked));
  const std::vector<std::string> keys = keys_of(by, asked.questions);
  const base::Duration deadline = world_.clock.uptime() + std::min(asked.wait, wait_max);
  while (true) {
    const std::uint64_t ticket = watches_.ticket();
    bool differs = false;
    const wire::TaskDataReply reply = answer(*store_.snapshot(), by, asked, differs);
    const base::Duration left = deadline - world_.clock.uptime();
    if (differs || left <= 0s) co_return wire::encode(reply);
    CO_TRY_VOID(co_await watches_.wait(keys, ticket, left));
  }
}

}  // namespace caravan::server
