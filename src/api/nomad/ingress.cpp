// SPDX-License-Identifier: Apache-2.0
// What an ingress follows: every well instance of both doors that has a tag for it. Ours.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "catalog/instances.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

constexpr Table watched[] = {Table::services, Table::catalog_services, Table::catalog_nodes,
                             Table::catalog_checks};

bool has_tag(const std::vector<std::string>& tags, const std::vector<std::string>& prefixes) {
  for (const std::string& prefix : prefixes) {
    if (prefix.empty()) return true;
    for (const std::string& tag : tags)
      if (base::to_lower(base::trim(tag)).starts_with(prefix)) return true;
  }
  return false;
}

json::Array list_of(const std::vector<std::string>& texts) {
  json::Array list;
  for (const std::string& text : texts)
    list.push_back(text);
  return list;
}

class IngressPage {
 public:
  IngressPage(const Readers& readers, std::string datacenter)
      : readers_(readers), datacenter_(std::move(datacenter)) {}

  io::Task<Result> instances(Call& call) {
    std::vector<std::string> prefixes;
    for (const std::string& prefix : call.request.query.all("prefix"))
      prefixes.push_back(base::to_lower(prefix));
    constexpr std::size_t prefixes_max = 8;
    if (prefixes.empty() || prefixes.size() > prefixes_max)
      co_return base::invalid("prefix: 1 to 8 beginnings of tags are needed");
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      json::Array rows;
      add_native(call, tables, prefixes, rows);
      add_registered(call, tables, prefixes, rows);
      std::uint64_t index = 0;
      for (const Table table : watched)
        index = std::max(index, tables.index_of(table));
      return View{json::to_string(rows), index};
    };
    std::vector<std::string> keys;
    for (const Table table : watched)
      keys.push_back(state::key::table(table));
    co_return co_await read(readers_, call, std::move(keys), look);
  }

 private:
  static void add_native(const Call& call, const Tables& tables,
                         const std::vector<std::string>& prefixes, json::Array& rows) {
    tables.services.each(
        [&](const state::ServiceKey&, const state::Ref<model::ServiceRegistration>& s) {
          if (!in_namespace(call, s->ns) || !has_tag(s->tags, prefixes)) return;
          rows.push_back(json::Object{{"Door", "nomad"},
                                      {"Service", s->service_name},
                                      {"ID", s->id},
                                      {"Node", s->node_id.to_string()},
                                      {"Datacenter", s->datacenter},
                                      {"Namespace", s->ns},
                                      {"Address", s->address},
                                      {"Port", s->port},
                                      {"Weight", 1},
                                      {"CreateIndex", s->create_index},
                                      {"Tags", list_of(s->tags)}});
        });
  }

  void add_registered(const Call& call, const Tables& tables,
                      const std::vector<std::string>& prefixes, json::Array& rows) const {
    std::set<std::string> names;
    tables.catalog_services.each([&](const model::OnNode&, const catalog::Service& service) {
      if (has_tag(service->tags, prefixes)) names.insert(base::to_lower(service->name));
    });
    for (const std::string& name : names)
      for (const catalog::Instance& instance : catalog::instances(tables, name)) {
        const model::CatalogService& s = *instance.service;
        const bool is_shown = call.caller.may(Capability::service_read, s.name) &&
                              call.caller.may(Capability::catalog_node_read, s.node);
        if (!is_shown || !has_tag(s.tags, prefixes) || instance.health() != model::Health::passing)
          continue;
        rows.push_back(json::Object{{"Door", "consul"},
                                    {"Service", s.name},
                                    {"ID", s.id},
                                    {"Node", s.node},
                                    {"Datacenter", datacenter_},
                                    {"Namespace", "default"},
                                    {"Address", instance.address()},
                                    {"Port", s.port},
                                    {"Weight", s.weights.passing},
                                    {"CreateIndex", s.create_index},
                                    {"Tags", list_of(s.tags)}});
      }
  }

  const Readers readers_;
  const std::string datacenter_;
};

}  // namespace

std::vector<Route> ingress_routes(const Readers& readers, std::string datacenter) {
  const auto page = std::make_shared<IngressPage>(readers, std::move(datacenter));
  const auto to = handlers_of(page);
  return {{"GET",
           "/v1/ingress/instances",
           {Capability::find_service, Scope::list, "of the registry: service:read and node:read"},
           to(&IngressPage::instances)}};
}

}  // namespace caravan::api::nomad
