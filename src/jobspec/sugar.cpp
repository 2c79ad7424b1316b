// SPDX-License-Identifier: Apache-2.0
#include "jobspec/sugar.hpp"

#include <string>

namespace caravan::jobspec {
namespace {

/// Calls `visit` with every object of the list under `key`.
template <class Visit>
void each(json::Object& object, std::string_view key, Visit visit) {
  json::Value* value = object.find(key);
  json::Array* array = value == nullptr ? nullptr : value->as_array();
  if (array == nullptr) return;
  for (json::Value& item : *array)
    if (json::Object* inner = item.as_object()) visit(*inner);
}

json::Value take(json::Object& object, std::string_view key) {
  json::Value* value = object.find(key);
  if (value == nullptr) return {};
  json::Value taken = std::move(*value);
  object.erase(key);
  return taken;
}

void append(json::Object& object, std::string_view key, json::Value item) {
  json::Value& list = object[key];
  if (!list.as_array()) list = json::Array();
  list.as_array()->push_back(std::move(item));
}

void set_default(json::Object& object, std::string_view key, json::Value value) {
  json::Value& slot = object[key];
  if (slot.is_null()) slot = std::move(value);
}

bool is_true(const json::Value& value) { return value.as_bool() && *value.as_bool(); }

/// What a job or group says for its tasks: a vault for those without, secrets for all.
void pass_down(const json::Value& vault, const json::Value& secrets, json::Object& group) {
  each(group, "Tasks", [&](json::Object& task) {
    if (!vault.is_null()) set_default(task, "Vault", vault);
    const json::Array* list = secrets.as_array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
      append(task, "Secrets", (*list)[i]);
  });
}

}  // namespace

bool finish_constraint(json::Object& constraint) {
  constexpr std::string_view operators[] = {"regexp",       "version",          "semver",
                                            "set_contains", "set_contains_all", "set_contains_any"};
  for (const std::string_view op : operators)
    if (json::Value value = take(constraint, op); !value.is_null()) {
      constraint["Operand"] = op;
      constraint["RTarget"] = std::move(value);
    }
  if (json::Value property = take(constraint, "distinct_property"); !property.is_null()) {
    constraint["Operand"] = "distinct_property";
    constraint["LTarget"] = std::move(property);
  }
  if (const json::Value distinct = take(constraint, "distinct_hosts"); !distinct.is_null()) {
    if (!is_true(distinct)) return false;  // as if it were not there
    constraint["Operand"] = "distinct_hosts";
    set_default(constraint, "RTarget", "true");
  }
  set_default(constraint, "Operand", "=");
  return true;
}

bool finish_network(json::Object& network) {
  const json::Value ports = take(network, "port");
  const json::Array* list = ports.as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const bool is_static = (*list)[i].at("Value").number() > 0;
    append(network, is_static ? "ReservedPorts" : "DynamicPorts", (*list)[i]);
  }
  return true;
}

bool finish_group_scaling(json::Object& scaling) {
  set_default(scaling, "Type", "horizontal");
  set_default(scaling, "Enabled", true);
  return true;
}

bool finish_task_scaling(json::Object& scaling) {
  const json::Value label = take(scaling, "label");
  const std::string* resource = label.as_string();
  scaling["Type"] = "vertical_" + (resource == nullptr ? "" : *resource);
  set_default(scaling, "Enabled", true);
  return true;
}

bool finish_logs(json::Object& logs) {
  if (const json::Value enabled = take(logs, "Enabled"); !enabled.is_null())
    set_default(logs, "Disabled", !is_true(enabled));
  return true;
}

bool finish_vault(json::Object& vault) {
  set_default(vault, "Env", true);
  set_default(vault, "ChangeMode", "restart");
  return true;
}

// An identity without a name is the one that the task has anyway.
bool finish_task(json::Object& task) {
  const json::Value identities = take(task, "Identities");
  const json::Array* list = identities.as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    json::Value identity = (*list)[i];
    const std::string* name = identity.at("Name").as_string();
    if (name != nullptr && !name->empty() && *name != "default") {
      append(task, "Identities", std::move(identity));
      continue;
    }
    (*identity.as_object())["Name"] = "default";
    task["Identity"] = std::move(identity);
  }
  return true;
}

bool finish_group(json::Object& group) {
  const json::Value* scaling = group.find("Scaling");
  json::Value count = scaling == nullptr ? json::Value() : scaling->at("Min");
  if (!count.is_null()) set_default(group, "Count", std::move(count));
  const json::Value vault = take(group, "vault");
  const json::Value secrets = take(group, "secret");
  pass_down(vault, secrets, group);
  return true;
}

void finish_job(json::Object& job) {
  const json::Value tasks = take(job, "task");
  const json::Array* list = tasks.as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
    append(job, "TaskGroups",
           json::Object{{"Name", (*list)[i].at("Name")}, {"Tasks", json::Array{(*list)[i]}}});
  const json::Value vault = take(job, "vault");
  const json::Value secrets = take(job, "secret");
  each(job, "TaskGroups", [&](json::Object& group) { pass_down(vault, secrets, group); });
}

}  // namespace caravan::jobspec
