// SPDX-License-Identifier: Apache-2.0
// The registry as a whole: who is there, and what somebody registers for machines without an agent.
#include <boost/asio/awaitable.hpp>

#include "api/consul/pages.hpp"
#include "api/consul/registration.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

std::string key_of(Table table) { return state::key::table(table); }

bool may_see_service(const Call& call, const std::string& name) {
  return call.caller.may(Capability::service_read, name);
}
bool may_see_node(const Call& call, const std::string& name) {
  return call.caller.may(Capability::catalog_node_read, name);
}

class CatalogPage {
 public:
  CatalogPage(const Readers& readers, server::Registrations& registrations,
              Datacenters datacenters, Nodes nodes)
      : readers_(readers),
        registrations_(registrations),
        datacenter_(std::move(datacenters.own)),
        others_(std::move(datacenters.others)),
        nodes_(std::move(nodes)) {}

  /// How far the others are nobody knows here: they come by name.
  Task<Result> datacenters(Call&) {
    json::Array all = {datacenter_};
    for (std::string& other : others_())
      all.emplace_back(std::move(other));
    co_return json_answer(std::move(all));
  }

  Task<Result> nodes(Call& call) {
    co_return co_await read(
        readers_, call, {key_of(Table::catalog_nodes)}, [&](const Tables& tables) {
          json::Array rows;
          tables.catalog_nodes.each([&](const std::string&, const catalog::Node& node) {
            if (has_node_meta(call, *node) && may_see_node(call, node->name))
              rows.emplace_back(node_json(*node, datacenter_));
          });
          sort_near(call, tables, nodes_.asked(call.request), rows);
          return filtered(call, std::move(rows), tables.index_of(Table::catalog_nodes));
        });
  }

  Task<Result> services(Call& call) {
    co_return co_await read(
        readers_, call, {key_of(Table::catalog_services)},
        [&](const Tables& tables) -> base::Result<View> {
          json::Object names;
          for (const auto& [name, tags] : catalog::service_names(
                   tables, [&](const auto& node) { return has_node_meta(call, node); }))
            if (may_see_service(call, name)) names[name] = json::Array(tags.begin(), tags.end());
          return View{json::to_string(names), tables.index_of(Table::catalog_services)};
        });
  }

  Task<Result> service(Call& call) { return instances_of(call, false); }
  Task<Result> connect(Call& call) { return instances_of(call, true); }

  Task<Result> node(Call& call) {
    return of_node(call, [](const std::vector<catalog::Instance>& found) {
      json::Object services;
      for (const catalog::Instance& instance : found)
        services[instance.service->id] = service_json(*instance.service);
      return json::Value(std::move(services));
    });
  }

  Task<Result> node_services(Call& call) {
    return of_node(call, [](const std::vector<catalog::Instance>& found) {
      json::Array services;
      for (const catalog::Instance& instance : found)
        services.emplace_back(service_json(*instance.service));
      return json::Value(std::move(services));
    });
  }

  Task<Result> add(Call& call) {
    CO_TRY(const json::Object body, body_of(call));
    CO_TRY(wire::CatalogPut put, registration_of(body));
    CO_TRY_VOID(call.caller.require(Capability::catalog_node_write, put.node.name));
    for (const model::CatalogService& service : put.services)
      CO_TRY_VOID(call.caller.require(Capability::service_write, service.name));
    wire::ChangeCatalog change;
    change.put.push_back(std::move(put));
    CO_TRY_VOID(co_await registrations_.change(std::move(change)));
    co_return json_answer(true);
  }

  Task<Result> remove(Call& call) {
    CO_TRY(const json::Object body, body_of(call));
    CO_TRY(wire::CatalogErase erase, removal_of(body));
    CO_TRY_VOID(call.caller.require(Capability::catalog_node_write, erase.node));
    wire::ChangeCatalog change;
    change.erase.push_back(std::move(erase));
    CO_TRY_VOID(co_await registrations_.change(std::move(change)));
    co_return json_answer(true);
  }

 private:
  Task<Result> instances_of(Call& call, bool for_sidecars) {
    const std::string name = call.param("name");
    const std::vector<std::string> tags = call.request.query.all("tag");
    co_return co_await read(
        readers_, call, {state::prefix::health(base::to_lower(name))}, [&](const Tables& tables) {
          json::Array rows;
          for (const catalog::Instance& instance : catalog::instances(tables, name, for_sidecars)) {
            const bool is_tagged =
                std::ranges::all_of(tags, [&](const auto& tag) { return instance.has_tag(tag); });
            if (is_tagged && has_node_meta(call, *instance.node) &&
                may_see_service(call, instance.service->name) &&
                may_see_node(call, instance.node->name))
              rows.emplace_back(flat_json(instance, datacenter_));
          }
          sort_near(call, tables, nodes_.asked(call.request), rows);
          return filtered(call, std::move(rows), catalog::index_of_health(tables, name));
        });
  }

  Task<Result> of_node(Call& call,
                       std::function<json::Value(const std::vector<catalog::Instance>&)> services) {
    const std::string name = call.param("name");
    co_return co_await read(
        readers_, call, {key_of(Table::catalog_nodes), key_of(Table::catalog_services)},
        [&](const Tables& tables) -> base::Result<View> {
          const std::uint64_t index = std::max(tables.index_of(Table::catalog_nodes),
                                               tables.index_of(Table::catalog_services));
          const catalog::Node node = catalog::find_node(tables, name);
          if (!node || !may_see_node(call, node->name)) return View{"null", index};
          std::vector<catalog::Instance> found = catalog::instances_on(tables, name);
          std::erase_if(found, [&](const catalog::Instance& instance) {
            return !may_see_service(call, instance.service->name);
          });
          return View{json::to_string(json::Object{{"Node", node_json(*node, datacenter_)},
                                                   {"Services", services(found)}}),
                      index};
        });
  }

  const Readers readers_;
  server::Registrations& registrations_;
  const std::string datacenter_;
  const std::function<std::vector<std::string>()> others_;
  const Nodes nodes_;
};

}  // namespace

std::vector<Route> catalog_routes(const Readers& readers, server::Registrations& registrations,
                                  Datacenters datacenters, Nodes nodes) {
  const auto handle = handlers_of(std::make_shared<CatalogPage>(
      readers, registrations, std::move(datacenters), std::move(nodes)));
  using enum Capability;
  const Need some{anyone, Scope::handler, "what the caller may not read is left out"};
  const Need all{anyone, Scope::handler, "node: write, and service: write of what is named"};
  return {{"GET", "/v1/catalog/datacenters", anyone, handle(&CatalogPage::datacenters)},
          {"GET", "/v1/catalog/nodes", some, handle(&CatalogPage::nodes)},
          {"GET", "/v1/catalog/services", some, handle(&CatalogPage::services)},
          {"GET", "/v1/catalog/service/:name", some, handle(&CatalogPage::service)},
          {"GET", "/v1/catalog/connect/:name", some, handle(&CatalogPage::connect)},
          {"GET", "/v1/catalog/node/:name", some, handle(&CatalogPage::node)},
          {"GET", "/v1/catalog/node-services/:name", some, handle(&CatalogPage::node_services)},
          {"PUT", "/v1/catalog/register", all, handle(&CatalogPage::add)},
          {"PUT", "/v1/catalog/deregister", all, handle(&CatalogPage::remove)}};
}

}  // namespace caravan::api::consul
