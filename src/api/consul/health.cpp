// SPDX-License-Identifier: Apache-2.0
// How well services and nodes are: what load balancers live on.
#include <boost/asio/awaitable.hpp>

#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

bool may_see(const Call& call, const catalog::Instance& instance) {
  return call.caller.may(Capability::service_read, instance.service->name) &&
         call.caller.may(Capability::catalog_node_read, instance.node->name);
}

bool may_see(const Call& call, const model::CatalogCheck& check) {
  return call.caller.may(Capability::catalog_node_read, check.node) &&
         (check.service_name.empty() ||
          call.caller.may(Capability::service_read, check.service_name));
}

class HealthPage {
 public:
  HealthPage(const Readers& readers, std::string datacenter, Nodes nodes)
      : readers_(readers), datacenter_(std::move(datacenter)), nodes_(std::move(nodes)) {}

  Task<Result> service(Call& call) { return instances_of(call, call.param("name"), false); }
  Task<Result> connect(Call& call) { return instances_of(call, call.param("name"), true); }

  Task<Result> checks(Call& call) {
    const std::string name = call.param("name");
    co_return co_await read(readers_, call, {state::prefix::health(base::to_lower(name))},
                            [&](const state::Tables& tables) {
                              return shown(call, tables, catalog::checks_of(tables, name),
                                           catalog::index_of_health(tables, name));
                            });
  }

  Task<Result> node(Call& call) {
    const std::string name = call.param("name");
    const Look look = [&](const state::Tables& tables) {
      return shown(call, tables, catalog::checks_on(tables, name), index_of_checks(tables));
    };
    co_return co_await read(readers_, call, {checks_key()}, look);
  }

  Task<Result> state(Call& call) {
    const std::string name = call.param("state");
    const bool is_any = name == "any";
    if (!is_any && name != "passing" && name != "warning" && name != "critical")
      co_return base::invalid("state: \"" + base::printable(name, 40) +
                              "\" is none of any, passing, warning, critical");
    const Look look = [&](const state::Tables& tables) {
      std::vector<catalog::Check> found;
      tables.catalog_checks.each([&](const model::OnNode&, const catalog::Check& check) {
        if (is_any || model::name_of(check->status) == name) found.push_back(check);
      });
      return shown(call, tables, found, index_of_checks(tables));
    };
    co_return co_await read(readers_, call, {checks_key()}, look);
  }

 private:
  static std::string checks_key() { return state::key::table(state::Table::catalog_checks); }
  static std::uint64_t index_of_checks(const state::Tables& tables) {
    return tables.index_of(state::Table::catalog_checks);
  }

  base::Result<View> shown(const Call& call, const state::Tables& tables,
                           const std::vector<catalog::Check>& checks, std::uint64_t index) const {
    json::Array rows;
    for (const catalog::Check& check : checks) {
      const catalog::Node node = catalog::find_node(tables, check->node);
      if (node && has_node_meta(call, *node) && may_see(call, *check))
        rows.emplace_back(check_json(*check));
    }
    sort_near(call, tables, nodes_.asked(call.request), rows);
    return filtered(call, std::move(rows), index);
  }

  Task<Result> instances_of(Call& call, std::string name, bool for_sidecars) {
    CO_TRY(const bool only_passing, flag(call, "passing", false));
    const std::vector<std::string> tags = call.request.query.all("tag");
    const auto is_wanted = [&](const catalog::Instance& instance) {
      if (only_passing && instance.health() != model::Health::passing) return false;
      if (!std::ranges::all_of(tags, [&](const auto& tag) { return instance.has_tag(tag); }))
        return false;
      return has_node_meta(call, *instance.node) && may_see(call, instance);
    };
    co_return co_await read(
        readers_, call, {state::prefix::health(base::to_lower(name))},
        [&](const state::Tables& tables) {
          json::Array rows;
          for (const catalog::Instance& instance : catalog::instances(tables, name, for_sidecars))
            if (is_wanted(instance)) rows.emplace_back(instance_json(instance, datacenter_));
          sort_near(call, tables, nodes_.asked(call.request), rows);
          return filtered(call, std::move(rows), catalog::index_of_health(tables, name));
        });
  }

  const Readers readers_;
  const std::string datacenter_;
  const Nodes nodes_;
};

}  // namespace

std::vector<Route> health_routes(const Readers& readers, std::string datacenter, Nodes nodes) {
  const auto handle = handlers_of(
      std::make_shared<HealthPage>(readers, std::move(datacenter), std::move(nodes)));
  const Need some{acl::Capability::anyone, Scope::handler,
                  "service and node: read; others are left out"};
  return {{"GET", "/v1/health/service/:name", some, handle(&HealthPage::service)},
          {"GET", "/v1/health/connect/:name", some, handle(&HealthPage::connect)},
          {"GET", "/v1/health/checks/:name", some, handle(&HealthPage::checks)},
          {"GET", "/v1/health/node/:name", some, handle(&HealthPage::node)},
          {"GET", "/v1/health/state/:state", some, handle(&HealthPage::state)}};
}

}  // namespace caravan::api::consul
