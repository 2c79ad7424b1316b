// SPDX-License-Identifier: Apache-2.0
// Policies and roles. Who is no manager sees those that are the caller's own.
#include <algorithm>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/acl_shapes.hpp"
#include "api/nomad/acl_page.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

bool has_policy(const Call& call, const std::string& name) {
  return call.caller.is_management() ||
         std::ranges::find(call.caller.policies(), name) != call.caller.policies().end();
}

bool has_role(const Call& call, const base::Uuid& id) {
  if (call.caller.is_management()) return true;
  const auto& token = call.caller.token();
  return token && std::ranges::find(token->roles, id) != token->roles.end();
}

using FindRole = std::function<state::Ref<model::AclRole>(const Tables&)>;

class AclPage {
 public:
  AclPage(const Readers& readers, server::Access& access) : readers_(readers), access_(access) {}

  Task<Result> list_policies(Call& call) {
    const std::string prefix = call.request.query.get("prefix");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.acl_policies.each([&](const std::string& name, const auto& policy) {
        if (name.starts_with(prefix) && has_policy(call, name))
          rows.push_back({name, json::to_string(acl_policy_stub(*policy))});
      });
      return list(call, std::move(rows), tables.index_of(Table::acl_policies));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_policies)}, look);
  }

  Task<Result> own_policies(Call& call) {
    if (!call.caller.token() && !call.caller.identity())
      co_return base::fail(base::Code::denied, acl::token_not_found);
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const std::string& name : call.caller.policies())
        if (const state::Ref<model::AclPolicy> policy = tables.acl_policy(name))
          rows.push_back({name, json::to_string(acl_policy_stub(*policy))});
      return list(call, std::move(rows), tables.index_of(Table::acl_policies));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_policies)}, look);
  }

  Task<Result> get_policy(Call& call) {
    const std::string name = call.param("name");
    if (!has_policy(call, name)) co_return denied();
    const Look look = [name](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::AclPolicy> policy = tables.acl_policy(name);
      if (!policy) return base::fail(base::Code::not_found, "ACL policy not found");
      return View{json::to_string(acl_policy_json(*policy)), policy->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::acl_policy(name)}, look);
  }

  Task<Result> put_policy(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    model::AclPolicy policy;
    policy.name = body.text_at("Name");
    if (policy.name.empty()) policy.name = call.param("name");
    if (policy.name != call.param("name"))
      co_return base::invalid("ACL policy name does not match request path");
    policy.description = body.text_at("Description");
    policy.rules = body.text_at("Rules");
    if (const json::Value& work = body.at("JobACL"); !work.is_null())
      policy.job_acl = model::JobAcl{.ns = work.text_at("Namespace"),
                                     .job_id = work.text_at("JobID"),
                                     .group = work.text_at("Group"),
                                     .task = work.text_at("Task"),
                                     .unknown = {}};
    Answer answer;
    CO_TRY(answer.index, co_await access_.put_policy(std::move(policy)));
    co_return answer;
  }

  Task<Result> delete_policy(Call& call) {
    std::string name = call.param("name");
    Answer answer;
    CO_TRY(answer.index, co_await access_.delete_policy(std::move(name)));
    co_return answer;
  }

  Task<Result> list_roles(Call& call) {
    CO_TRY(const std::string prefix, id_prefix(call));
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      tables.acl_roles.each([&](const base::Uuid& id, const auto& role) {
        if (id.to_string().starts_with(prefix) && has_role(call, id))
          rows.push_back({id.to_string(), json::to_string(acl_role_json(*role))});
      });
      return list(call, std::move(rows), tables.index_of(Table::acl_roles));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_roles)}, look);
  }

  Task<Result> get_role(Call& call) {
    CO_TRY(const base::Uuid id, id_param<base::Uuid>(call, "role"));
    const FindRole find = [id](const Tables& tables) { return tables.acl_role(id); };
    co_return co_await show_role(call, find);
  }
  Task<Result> get_role_named(Call& call) {
    const std::string name = call.param("name");
    const FindRole find = [name](const Tables& tables) { return tables.acl_role_named(name); };
    co_return co_await show_role(call, find);
  }

  Task<Result> put_role(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    model::AclRole role;
    CO_TRY(role.id, base::Uuid::parse(body.text_at("ID")));
    if (call.params.contains("id")) {
      CO_TRY(const base::Uuid id, id_param<base::Uuid>(call, "role"));
      if (!role.id.is_nil() && role.id != id)
        co_return base::invalid("ACL role ID does not match request path");
      role.id = id;
    }
    role.name = body.text_at("Name");
    role.description = body.text_at("Description");
    CO_TRY(role.policies, names_in(body.at("Policies"), "Policies"));
    CO_TRY(const state::Ref<model::AclRole> made, co_await access_.put_role(std::move(role)));
    Answer answer;
    answer.index = made->modify_index;
    answer.body = json::to_string(acl_role_json(*made));
    co_return answer;
  }

  Task<Result> delete_role(Call& call) {
    CO_TRY(const base::Uuid id, id_param<base::Uuid>(call, "role"));
    Answer answer;
    CO_TRY(answer.index, co_await access_.delete_role(id));
    co_return answer;
  }

 private:
  Task<Result> show_role(Call& call, FindRole find) {
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::AclRole> role = find(tables);
      if (role ? !has_role(call, role->id) : !call.caller.is_management()) return denied();
      if (!role) return base::fail(base::Code::not_found, "ACL role not found");
      return View{json::to_string(acl_role_json(*role)), role->modify_index, ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_roles)}, look);
  }

  Readers readers_;
  server::Access& access_;
};

}  // namespace

base::Result<std::vector<std::string>> names_in(const json::Value& list, const char* what) {
  std::vector<std::string> names;
  if (list.is_null()) return names;
  const json::Array* array = list.as_array();
  if (!array) return base::invalid(fmt::format("{}: not a list", what));
  for (const json::Value& each : *array) {
    const std::string* name = each.as_object() ? each.at("Name").as_string() : each.as_string();
    if (!name || name->empty()) return base::invalid(fmt::format("{}: not a list of names", what));
    if (std::ranges::find(names, *name) == names.end()) names.push_back(*name);
  }
  return names;
}

std::vector<Route> acl_routes(const Readers& readers, server::Access& access) {
  const auto page = std::make_shared<AclPage>(readers, access);
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  const Need policies{Capability::anyone, Scope::handler,
                      "management; others see the policies of their token"},
      roles{Capability::anyone, Scope::handler, "management; others see the roles of their token"};
  return {
      {"GET", "/v1/acl/policies", policies, to(&AclPage::list_policies)},
      {"GET",
       "/v1/acl/policy/self",
       {Capability::anyone, Scope::handler, "a token, or that of a task"},
       to(&AclPage::own_policies)},
      {"GET", "/v1/acl/policy/:name", policies, to(&AclPage::get_policy)},
      {"PUT POST", "/v1/acl/policy/:name", Capability::management, to(&AclPage::put_policy)},
      {"DELETE", "/v1/acl/policy/:name", Capability::management, to(&AclPage::delete_policy)},
      {"GET", "/v1/acl/roles", roles, to(&AclPage::list_roles)},
      {"PUT POST", "/v1/acl/role", Capability::management, to(&AclPage::put_role)},
      {"GET", "/v1/acl/role/:id", roles, to(&AclPage::get_role)},
      {"PUT POST", "/v1/acl/role/:id", Capability::management, to(&AclPage::put_role)},
      {"DELETE", "/v1/acl/role/:id", Capability::management, to(&AclPage::delete_role)},
      {"GET", "/v1/acl/role/name/:name", roles, to(&AclPage::get_role_named)},
  };
}

}  // namespace caravan::api::nomad
