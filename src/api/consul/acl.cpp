// SPDX-License-Identifier: Apache-2.0
// Policies and roles.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/acl_identities.hpp"
#include "api/consul/acl_page.hpp"
#include "api/consul/members.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;
using Policy = state::Ref<model::AclPolicy>;
using Role = state::Ref<model::AclRole>;

std::unexpected<base::Error> built_in(std::string_view what) {
  return base::fail(
      base::Code::denied,
      fmt::format("{} operation not permitted on the builtin {} policy", what, management_policy));
}

class AclPage {
 public:
  AclPage(const Readers& readers, server::Access& access, std::string datacenter)
      : readers_(readers), access_(access), datacenter_(std::move(datacenter)) {}

  Task<Result> policies(Call& call) {
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      json::Array shown;
      shown.emplace_back(management_policy_json(true));
      tables.acl_policies.each([&](const std::string& name, const Policy& policy) {
        if (!is_identity(name)) shown.emplace_back(policy_json(*policy, true));
      });
      return View{json::to_string(json::Value(std::move(shown))),
                  std::max<std::uint64_t>(tables.index_of(Table::acl_policies), 1)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_policies)}, look);
  }

  Task<Result> policy(Call& call) {
    const Tables& tables = *readers_.store.snapshot();
    co_return show(tables, policy_name(tables, call.param("id")));
  }

  Task<Result> policy_of_name(Call& call) {
    co_return show(*readers_.store.snapshot(), call.param("name"));
  }

  Task<Result> add_policy(Call& call) {
    CO_TRY(model::AclPolicy policy, policy_in(call));
    const state::Snapshot tables = readers_.store.snapshot();
    if (is_identity(policy.name))
      co_return base::invalid("policies of this name are made for identities");
    if (policy.name == management_policy || tables->acl_policy(policy.name))
      co_return base::fail(base::Code::internal,
                           fmt::format("Invalid Policy: A Policy with Name \"{}\" already exists",
                                       base::printable(policy.name, 128)));
    co_return co_await put(std::move(policy));
  }

  Task<Result> change_policy(Call& call) {
    CO_TRY(model::AclPolicy policy, policy_in(call));
    const state::Snapshot tables = readers_.store.snapshot();
    const std::string name = policy_name(*tables, call.param("id"));
    if (name == management_policy) co_return built_in("Update");
    const Policy old = name.empty() ? nullptr : tables->acl_policy(name);
    if (!old) co_return no_such("policy");
    if (policy.name != name)
      co_return base::fail(base::Code::unsupported,
                           "a policy is known by its name here, and cannot be renamed: create "
                           "another one, and delete this one");
    policy.job_acl = old->job_acl;
    co_return co_await put(std::move(policy));
  }

  Task<Result> delete_policy(Call& call) {
    const std::string name = policy_name(*readers_.store.snapshot(), call.param("id"));
    if (name == management_policy) co_return built_in("Delete");
    if (name.empty()) co_return json_answer(true);
    co_return deleted(co_await access_.delete_policy(name));
  }

  Task<Result> roles(Call& call) {
    const std::string policy = call.request.query.get("policy");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      json::Array shown;
      tables.acl_roles.each([&](const base::Uuid&, const Role& role) {
        const bool has = std::ranges::any_of(
            role->policies, [&](const std::string& name) { return policy_id(name) == policy; });
        if (policy.empty() || has) shown.emplace_back(role_json(*role));
      });
      return View{json::to_string(json::Value(std::move(shown))),
                  std::max<std::uint64_t>(tables.index_of(Table::acl_roles), 1)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::acl_roles)}, look);
  }

  Task<Result> role(Call& call) {
    const base::Result<base::Uuid> id = base::Uuid::parse(call.param("id"));
    const Role role = id ? readers_.store.snapshot()->acl_role(*id) : nullptr;
    if (!role) co_return no_such("role");
    co_return json_answer(role_json(*role));
  }

  Task<Result> role_of_name(Call& call) {
    const Role role = readers_.store.snapshot()->acl_role_named(call.param("name"));
    if (!role) co_return no_such("role");
    co_return json_answer(role_json(*role));
  }

  Task<Result> add_role(Call& call) {
    CO_TRY(model::AclRole role, role_in(call));
    role.id = {};
    co_return co_await put(std::move(role));
  }

  Task<Result> change_role(Call& call) {
    CO_TRY(model::AclRole role, role_in(call));
    const base::Result<base::Uuid> id = base::Uuid::parse(call.param("id"));
    if (!id || !readers_.store.snapshot()->acl_role(*id)) co_return no_such("role");
    role.id = *id;
    co_return co_await put(std::move(role));
  }

  Task<Result> delete_role(Call& call) {
    const base::Result<base::Uuid> id = base::Uuid::parse(call.param("id"));
    if (!id) co_return json_answer(true);
    co_return deleted(co_await access_.delete_role(*id));
  }

 private:
  Result show(const Tables& tables, const std::string& name) const {
    if (name == management_policy) return json_answer(management_policy_json(false));
    const Policy policy = name.empty() ? nullptr : tables.acl_policy(name);
    if (!policy) return no_such("policy");
    return json_answer(policy_json(*policy, false));
  }

  Task<Result> put(model::AclPolicy policy) {
    const std::string name = policy.name;
    CO_TRY_VOID(co_await access_.put_policy(std::move(policy)));
    co_return show(*readers_.store.snapshot(), name);
  }

  Task<Result> put(model::AclRole role) {
    CO_TRY_VOID(co_await make_identities(*readers_.store.snapshot(), access_, role.policies));
    CO_TRY(const Role made, co_await access_.put_role(std::move(role)));
    co_return json_answer(role_json(*made));
  }

  base::Result<model::AclPolicy> policy_in(const Call& call) const {
    TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    model::AclPolicy policy;
    std::vector<std::string> datacenters;
    (void)members.take("ID");
    TRY_VOID(members.text("Name", policy.name));
    TRY_VOID(members.text("Description", policy.description));
    TRY_VOID(members.text("Rules", policy.rules));
    TRY_VOID(members.list("Datacenters", datacenters));
    if (!datacenters.empty())
      return base::fail(base::Code::unsupported,
                        "policies hold in the whole cluster: leave Datacenters out");
    TRY_VOID(nothing_left(members));
    return policy;
  }

  base::Result<model::AclRole> role_in(const Call& call) const {
    TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    model::AclRole role;
    (void)members.take("ID");
    TRY_VOID(members.text("Name", role.name));
    TRY_VOID(members.text("Description", role.description));
    TRY(role.policies, policies_in(*readers_.store.snapshot(), members.take("Policies")));
    TRY(std::vector<std::string> identities, identities_in(members, datacenter_));
    std::ranges::move(identities, std::back_inserter(role.policies));
    if (std::ranges::find(role.policies, management_policy) != role.policies.end())
      return base::fail(base::Code::unsupported,
                        fmt::format("only tokens have {}, not roles", management_policy));
    TRY_VOID(nothing_left(members));
    return role;
  }

  Readers readers_;
  server::Access& access_;
  const std::string datacenter_;
};

}  // namespace

std::vector<Route> acl_routes(const Readers& readers, server::Access& access,
                              std::string datacenter) {
  const auto page = std::make_shared<AclPage>(readers, access, std::move(datacenter));
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  const Need manages = Capability::management;
  using P = AclPage;
  return {{"GET", "/v1/acl/policies", manages, to(&P::policies)},
          {"PUT", "/v1/acl/policy", manages, to(&P::add_policy)},
          {"GET", "/v1/acl/policy/name/:name", manages, to(&P::policy_of_name)},
          {"GET", "/v1/acl/policy/:id", manages, to(&P::policy)},
          {"PUT", "/v1/acl/policy/:id", manages, to(&P::change_policy)},
          {"DELETE", "/v1/acl/policy/:id", manages, to(&P::delete_policy)},
          {"GET", "/v1/acl/roles", manages, to(&P::roles)},
          {"PUT", "/v1/acl/role", manages, to(&P::add_role)},
          {"GET", "/v1/acl/role/name/:name", manages, to(&P::role_of_name)},
          {"GET", "/v1/acl/role/:id", manages, to(&P::role)},
          {"PUT", "/v1/acl/role/:id", manages, to(&P::change_role)},
          {"DELETE", "/v1/acl/role/:id", manages, to(&P::delete_role)}};
}

}  // namespace caravan::api::consul
