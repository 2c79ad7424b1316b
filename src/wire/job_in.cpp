// SPDX-License-Identifier: Apache-2.0
#include "wire/job_in.hpp"

#include <fmt/core.h>

#include "model/identity.hpp"
#include "wire/json_in.hpp"
#include "wire/shape.hpp"

namespace caravan::wire {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::int64_t second = 1'000'000'000;

/// Clients send "" where they mean "unset".
void drop_blank(Object& object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const Value* value = object.find(key);
    const std::string* text = value ? value->as_string() : nullptr;
    if (text && text->empty()) object.erase(key);
  }
}

bool unset(const Object& object, std::string_view key) {
  return object.find(key) == nullptr || object.find(key)->is_null();
}

void set_default(Object& object, std::string_view key, Value value) {
  if (unset(object, key)) object[key] = std::move(value);
}

/// Members of `from` fill what `into` leaves open.
void fill_from(Object& into, const Object& from) {
  for (const json::Member& member : from)
    set_default(into, member.name, member.value);
}

std::string text_of(const Object& object, std::string_view key) {
  const Value* value = object.find(key);
  const std::string* text = value ? value->as_string() : nullptr;
  return text ? *text : "";
}

/// Calls `f` with every object in the array under `key`; other shapes are the decoder's to refuse.
template <class F>
void each(Object& object, std::string_view key, F f) {
  Value* value = object.find(key);
  Array* array = value ? value->as_array() : nullptr;
  if (!array) return;
  for (Value& item : *array)
    if (Object* inner = item.as_object()) f(*inner);
}

Object* child(Object& object, std::string_view key) {
  Value* value = object.find(key);
  return value ? value->as_object() : nullptr;
}

Object restart_defaults(bool batch) {
  return {{"Attempts", batch ? 3 : 2},
          {"Interval", (batch ? 86'400 : 1'800) * second},
          {"Delay", 15 * second},
          {"Mode", "fail"}};
}

/// A policy that names attempts is not unlimited, unless it says so too.
void fill_reschedule(Object& group, const Object* of_job, const std::string& type) {
  if (type == "system" || type == "sysbatch") return;
  if (unset(group, "ReschedulePolicy")) group["ReschedulePolicy"] = Object();
  Object* policy = child(group, "ReschedulePolicy");
  if (!policy) return;
  if (of_job) fill_from(*policy, *of_job);
  drop_blank(*policy, {"DelayFunction"});
  const bool counted = !unset(*policy, "Attempts") && policy->find("Attempts")->number() > 0;
  if (type == "batch") {
    const bool unlimited = policy->find("Unlimited") && policy->find("Unlimited")->as_bool() &&
                           *policy->find("Unlimited")->as_bool();
    if (!unlimited) {
      set_default(*policy, "Attempts", 1);
      set_default(*policy, "Interval", 86'400 * second);
    }
    set_default(*policy, "Delay", 5 * second);
    set_default(*policy, "DelayFunction", "constant");
    set_default(*policy, "MaxDelay", 0);
    set_default(*policy, "Unlimited", unlimited);
  } else if (counted) {
    set_default(*policy, "Unlimited", false);
  }
}

void fill_strategy(Object& group, std::string_view key, const Object* of_job) {
  if (unset(group, key)) group[key] = Object();
  Object* strategy = child(group, key);
  if (!strategy) return;
  if (of_job) fill_from(*strategy, *of_job);
  drop_blank(*strategy, {"HealthCheck"});
}

void fill_constraints(Object& owner) {
  const auto fill = [](Object& c) { drop_blank(c, {"Operand"}); };
  each(owner, "Constraints", fill);
  each(owner, "Affinities", fill);
}

void fill_networks(Object& owner) {
  each(owner, "Networks", [](Object& network) {
    const auto fill = [](Object& port) { drop_blank(port, {"HostNetwork"}); };
    each(network, "ReservedPorts", fill);
    each(network, "DynamicPorts", fill);
  });
}

void fill_services(Object& owner, const std::string& default_name, const std::string& task) {
  each(owner, "Services", [&](Object& service) {
    drop_blank(service, {"Name", "AddressMode", "OnUpdate", "Provider", "Cluster"});
    set_default(service, "Name", default_name);
    if (!task.empty()) set_default(service, "TaskName", task);
    const Object* restart = child(service, "CheckRestart");
    each(service, "Checks", [&](Object& check) {
      drop_blank(check, {"Name"});
      set_default(check, "Name", fmt::format("service: \"{}\" check", text_of(service, "Name")));
      if (restart && unset(check, "CheckRestart")) check["CheckRestart"] = *restart;
      if (!unset(check, "OnUpdate")) return;
      if (const Value* on_update = service.find("OnUpdate")) check["OnUpdate"] = *on_update;
    });
  });
}

/// The identity that every task has is for the cluster's own API, whatever the job says.
void fill_identity(Object& task) {
  Value* named = task.find("Identities");
  if (Array* list = named ? named->as_array() : nullptr) {
    const auto is_default = [](const Value& identity) {
      const std::string* name = identity.at("Name").as_string();
      return name && *name == model::default_identity_name;
    };
    const auto found = std::ranges::find_if(*list, is_default);
    if (found != list->end() && unset(task, "Identity")) {
      Value identity = std::move(*found);
      list->erase(found);
      task["Identity"] = std::move(identity);
    }
  }
  Object* identity = child(task, "Identity");
  if (!identity) return;
  (*identity)["Name"] = model::default_identity_name;
  (*identity)["Audience"] = Array{model::identity_audience};
}

void fill_task(Object& task, const Object& group_restart, const std::string& job,
               const std::string& group) {
  if (unset(task, "RestartPolicy")) task["RestartPolicy"] = Object();
  if (Object* restart = child(task, "RestartPolicy")) {
    drop_blank(*restart, {"Mode"});
    fill_from(*restart, group_restart);
  }
  if (Object* resources = child(task, "Resources")) {
    const bool has_cores = !unset(*resources, "Cores") && resources->find("Cores")->number() > 0;
    if (has_cores) set_default(*resources, "CPU", 0);
    fill_networks(*resources);
  }
  fill_constraints(task);
  fill_services(task, fmt::format("{}-{}-{}", job, group, text_of(task, "Name")),
                text_of(task, "Name"));
  each(task, "Templates", [](Object& t) {
    drop_blank(t, {"ChangeMode", "Perms", "LeftDelim", "RightDelim"});
    if (text_of(t, "ChangeMode") == "signal") {
      drop_blank(t, {"ChangeSignal"});
      set_default(t, "ChangeSignal", "SIGHUP");
    }
  });
  each(task, "Artifacts", [](Object& a) {
    drop_blank(a, {"GetterMode", "RelativeDest"});
    set_default(a, "RelativeDest", "local/");
  });
  each(task, "VolumeMounts", [](Object& m) { drop_blank(m, {"PropagationMode"}); });
  fill_identity(task);
}

/// A group that says only how few copies it may have has that many; a policy without a lower bound
/// takes the count.
void fill_scaling(Object& group) {
  Object* scaling = child(group, "Scaling");
  if (!scaling) return;
  drop_blank(*scaling, {"Type"});
  if (unset(group, "Count") && !unset(*scaling, "Min")) {
    const Value min = *scaling->find("Min");
    group["Count"] = min;
    scaling = child(group, "Scaling");
  }
  const Value count = unset(group, "Count") ? Value(1) : *group.find("Count");
  set_default(*scaling, "Min", count);
  // The servers say which policy this is.
  for (const std::string_view key : {"ID", "Target", "CreateIndex", "ModifyIndex"})
    scaling->erase(key);
}

void fill_group(Object& group, const Object& job, const std::string& type) {
  const std::string name = text_of(group, "Name");
  const auto of_job = [&](std::string_view key) {
    const Value* value = job.find(key);
    return value ? value->as_object() : nullptr;
  };
  if (unset(group, "RestartPolicy")) group["RestartPolicy"] = Object();
  if (Object* restart = child(group, "RestartPolicy")) {
    drop_blank(*restart, {"Mode"});
    fill_from(*restart, restart_defaults(type == "batch" || type == "sysbatch"));
  }
  fill_reschedule(group, of_job("Reschedule"), type);
  if (type == "service" || type == "system")
    fill_strategy(group, "Update", of_job("Update"));
  else
    group.erase("Update");
  if (type == "service")
    fill_strategy(group, "Migrate", of_job("Migrate"));
  else
    group.erase("Migrate");
  fill_scaling(group);
  fill_constraints(group);
  fill_networks(group);
  fill_services(group, fmt::format("{}-{}", text_of(job, "ID"), name), "");
  if (Object* volumes = child(group, "Volumes"))
    for (json::Member& member : *volumes)
      if (Object* volume = member.value.as_object()) {
        drop_blank(*volume, {"Name"});
        set_default(*volume, "Name", member.name);
      }
  const Object restart = child(group, "RestartPolicy") ? *child(group, "RestartPolicy") : Object();
  each(group, "Tasks", [&](Object& task) { fill_task(task, restart, text_of(job, "ID"), name); });
}

/// What follows looks for keys by their public spelling; the job's own update blocks are no members
/// of a Job, they flow into its groups.
void name_all_keys(Object& job) {
  name_keys<model::Job>(job);
  const auto inside = [&]<class T>(std::string_view name, T) {
    Value* value = named_member(job, name);
    if (Object* block = value ? value->as_object() : nullptr) name_keys<T>(*block);
  };
  inside("Update", model::UpdateStrategy());
  inside("Migrate", model::MigrateStrategy());
  inside("Reschedule", model::ReschedulePolicy());
}

/// A job that was read from a server and comes back has an update block of zeros when it had none.
void forget_zero_update(Object& job) {
  const Object* update = child(job, "Update");
  const auto is_zero = [](const auto& entry) {
    const Value& value = entry.value;
    return value.is_null() || value == Value(0) || value == Value(false) || value == Value("");
  };
  if (update && std::ranges::all_of(*update, is_zero)) job.erase("Update");
}

}  // namespace

base::Result<model::Job> job_from_json(const json::Value& value) {
  const Object* given = value.as_object();
  if (!given) return base::invalid(fmt::format("Job: {} instead of an object", value.kind()));
  Object job = *given;
  name_all_keys(job);
  drop_blank(job, {"Name", "Type", "Namespace", "NodePool", "Region"});
  set_default(job, "Name", text_of(job, "ID"));
  const Value* priority = job.find("Priority");
  if (priority && priority->as_int() && *priority->as_int() == 0) job.erase("Priority");
  const Value* datacenters = job.find("Datacenters");
  if (datacenters && datacenters->as_array() && datacenters->as_array()->empty())
    job.erase("Datacenters");
  if (Object* periodic = child(job, "Periodic")) drop_blank(*periodic, {"SpecType", "TimeZone"});
  if (Object* parameterized = child(job, "ParameterizedJob"))
    drop_blank(*parameterized, {"Payload"});
  fill_constraints(job);
  forget_zero_update(job);
  const std::string type = unset(job, "Type") ? "service" : text_of(job, "Type");
  each(job, "TaskGroups", [&](Object& group) { fill_group(group, job, type); });
  TRY(model::Job decoded, from_json<model::Job>(job, "Job"));
  // These are the servers' to say, whatever a client sends along.
  decoded.status = model::JobStatus::pending;
  decoded.status_description.clear();
  decoded.stable = false;
  decoded.version = decoded.create_index = decoded.modify_index = decoded.job_modify_index = 0;
  decoded.submit_time_ns = 0;
  decoded.version_tag.reset();
  decoded.dispatch_idempotency_token.clear();
  return decoded;
}

}  // namespace caravan::wire
